// A run in progress: a value that can be stepped, stopped, copied and taken up again. Only who wants that includes
// this; everyone else is served by run.hpp, which knows nothing of how a cluster is simulated.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/check/checker.hpp"
#include "sim/check/linearizability.hpp"
#include "sim/check/liveness.hpp"
#include "sim/cluster/control_plane.hpp"
#include "sim/cluster/fault_plan.hpp"
#include "sim/measure/recorder.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/scenario.hpp"

namespace kraftsim::scenario {

/// A run in progress. A value: a copy goes on by itself and, if nothing else is done to it, ends in the same digest.
class Run {
 public:
  /// `scenario` must outlive the run.
  Run(const Scenario& scenario, Coordination coordination, std::uint64_t seed, const RunOptions& options);
  Run(const Run& other);
  Run(Run&&) noexcept = default;
  Run& operator=(const Run&) = delete;
  Run& operator=(Run&&) = delete;
  ~Run() = default;

  /// Deals with one event; false when the run is over (its time, a broken invariant, or nothing left to do).
  bool step();
  /// What came of it so far.
  [[nodiscard]] RunResult result() const;

  [[nodiscard]] const cluster::ControlPlane& plane() const { return *plane_; }
  /// The faults carried out so far, with what was settled by role and chance written out; those that struck nobody
  /// left out. A scenario with these in place of its own does the same again.
  [[nodiscard]] const std::vector<cluster::Fault>& executed() const { return executed_; }
  /// Why no broken promise can be held against the code any more; none as long as one can. All of Raft's promises rest
  /// on disks that keep what they called durable. Any quorum that committed and any that elects share at least 2 *
  /// majority - voters voters, and of voter sets that may change at least one; once so many disks have forgotten
  /// something, promises may be gone by design.
  [[nodiscard]] std::optional<std::string> durability_lost() const;
  /// When the scenario's time 0 was; none while the cluster is still starting.
  [[nodiscard]] std::optional<Time> began() const { return began_; }

 private:
  struct Running {  // a stroke whose end is due
    std::size_t fault;
    cluster::Injected injected;
    bool over = false;
  };

  void begin();
  void due(std::uint32_t kind, std::uint64_t value);
  void start_fault(std::size_t index);
  void end_fault(std::size_t running);
  void toggle_fault(std::size_t running);
  void fault_over();
  void create_topic(std::size_t load);
  void note_process(const world::Happening& happening);
  void observe();
  void finish_safety();
  void look_for_life();
  [[nodiscard]] const kraft_host::KraftCluster& kraft() const;
  void end(Verdict verdict, std::string detail);
  void violated(std::string invariant, std::string detail);
  void judge_clients();

  const Scenario* scenario_;
  const cluster::ClusterSpec* spec_;
  Coordination coordination_;
  std::uint64_t seed_;
  std::unique_ptr<cluster::ControlPlane> plane_;
  check::Checker checker_;
  measure::Recorder recorder_;
  kraft::Rng fault_rng_;
  kraft::Rng workload_rng_;

  std::optional<Time> began_;
  Time ends_at_;
  bool over_ = false;
  Verdict verdict_ = Verdict::kHeld;
  std::optional<std::string> invariant_;
  std::string detail_;
  Time violated_at_{};

  check::ClientHistory clients_;
  std::optional<check::Liveness> liveness_;  // once the core is healed
  LivenessResult live_;

  std::vector<Running> running_;
  std::vector<std::size_t> setting_;     // those among them that set a machine to something and are not over
  std::vector<std::int32_t> strokes_;    // per fault of the scenario
  std::vector<cluster::Fault> executed_;
  std::size_t faults_left_ = 0;          // that may still strike, and strokes that are not over yet
  std::optional<Time> last_fault_end_;
  std::optional<Time> live_again_;      // first commit after that
  std::vector<bool> down_;              // by node id, as the recorder was told
  std::uint64_t operations_ = 0;
  std::vector<std::deque<std::string>> topics_;  // per create_topics load, the oldest first
  std::vector<cluster::Observation> observations_;
};

}  // namespace kraftsim::scenario

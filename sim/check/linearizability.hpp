// What clients were told, against what was committed: two promises about acknowledged metadata writes.
//
// AcknowledgedIsCommitted: a topic whose creation was acknowledged was created in the committed log by then, and one
// whose deletion was acknowledged was removed there. (A commit shows when somebody's high watermark does; so it must
// show by the next commit, at the latest.)
//
// MetadataLinearizable: all answers, and what the log says in the end, can be explained by every operation taking
// effect at one moment between its call and its answer (Herlihy & Wing). Topics are independent of each other, so each
// is searched by itself (Lowe's P-compositionality): a register that says whether the topic exists, which must have
// changed as often as the committed log says. An operation that failed otherwise than by saying what is there is
// indeterminate: it may have taken effect, or yet do so. And because a broker asks the controller again when it got no
// answer, every operation may have taken effect more often than its client was told: a topic that "already exists" may
// be the very one that was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/check/committed_history.hpp"
#include "sim/check/view.hpp"
#include "sim/cluster/control_plane.hpp"

namespace kraftsim::check {

/// One operation on one topic.
struct Call {
  enum class Outcome : std::uint8_t {
    kDone,   // it was this call that created, or deleted
    kWasSo,  // the topic existed already, or did not exist
    kUnknown,
  };
  cluster::Operation::Kind kind{};
  Outcome outcome = Outcome::kUnknown;
  Time called{};
  Time answered = kraft::kNever;
};
/// True if one order of the calls explains their outcomes and that the topic was created and removed `changes` times.
[[nodiscard]] bool is_linearizable(const std::vector<Call>& calls, int changes);

class ClientHistory {
 public:
  static constexpr Card kAcknowledged{"AcknowledgedIsCommitted",
                                      "A write that a client was told of is in the committed log.", "Raft §8; KIP-631",
                                      PromiseKind::kHistory};
  static constexpr Card kLinearizable{"MetadataLinearizable",
                                      "Clients' creations and deletions of topics are linearizable.",
                                      "Herlihy & Wing 1990; Raft §8", PromiseKind::kHistory};

  void call(const cluster::Operation& operation, Time now);
  /// `error` is Kafka's name of it, empty for success.
  [[nodiscard]] std::optional<Violation> answer(std::uint64_t operation, const std::string& error, Time now,
                                                const CommittedHistory& committed);
  /// The run is over: whether all that clients saw fits together.
  [[nodiscard]] std::optional<Violation> judge(const CommittedHistory& committed);

 private:
  /// How often a topic was created and removed.
  struct Changes {
    int created = 0;
    int removed = 0;
    [[nodiscard]] int& of(bool creation) { return creation ? created : removed; }
  };
  struct Topic {
    std::string name;
    std::vector<Call> calls;  // none if no client spoke of it
    Changes acknowledged;
    Changes committed;  // by the log, as far as it was read
    Offset answered;    // where the committed log ended when the last answer came
  };
  using TopicIndex = std::size_t;  // in topics_: a name is looked up once per call and once per record
  struct Place {
    TopicIndex topic;
    std::size_t call;
  };
  /// An acknowledged write that the log is to show. Each made a record of its own.
  struct Owed {
    TopicIndex topic;
    bool created;
    int times;   // so often has that been acknowledged of the topic
    Offset end;  // of the committed log when it was acknowledged
  };
  [[nodiscard]] std::optional<Violation> settle(const CommittedHistory& committed);
  void read(const CommittedHistory& committed);
  [[nodiscard]] TopicIndex find_or_add(const std::string& name);

  std::vector<Topic> topics_;
  std::map<std::string, TopicIndex> by_name_;
  std::map<std::uint64_t, Place> open_;  // by operation
  std::vector<Owed> owed_;
  std::size_t batches_read_ = 0;                   // of the committed log
  std::map<kraft::TopicId, TopicIndex> existing_;  // as of there
};

}  // namespace kraftsim::check

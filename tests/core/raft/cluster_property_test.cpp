// Properties of whole clusters under random schedules: messages lost, doubled and out of order, disks that hang,
// crashes that lose what was not synced, links cut in one direction, snapshots and logs cut to them. The oracle watches
// every step; afterwards everything is mended and the cluster must come to one leader and one log within a bounded
// time.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/core/raft/raft_cluster.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

using namespace std::chrono_literals;

Config chaos_config(Rng& rng) {
  Config config;
  config.append_linger = 5ms;
  config.fetch_max_wait = 100ms;
  config.request_timeout = 300ms;
  config.clean_interval = 1s;
  config.retention_bytes = 500;
  config.fetch_snapshot_max_bytes = 80;
  config.election = Config::kafka_policy(200ms, 400ms);
  if (rng.chance(1, 3)) {
    const bool pre_vote = rng.chance(1, 2);
    const bool check_quorum = rng.chance(1, 2);
    config.election = Config::raft_paper_policy({.low = 200ms, .high = 400ms}, pre_vote, check_quorum);
  }
  return config;
}

/// One random schedule of random faults.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed)
      : rng_(Rng::stream(seed, 0, "chaos")), cluster_(options(seed, rng_)) {
    cluster_.on_step = [this](NodeId node, const Input&, const Effects& effects) { watch(node, effects); };
  }

  void run(int actions) {
    for (int i = 0; i < actions; ++i) act();
  }
  /// Whether the mended cluster settled in time.
  bool mend() {
    cluster_.heal();
    for (const NodeId id : cluster_.ids()) {
      if (!cluster_.is_up(id.value())) start(id.value());
      cluster_.release_disk(id.value());
    }
    return cluster_.run_until([&] { return cluster_.is_settled(); }, 60s);
  }
  [[nodiscard]] const RaftCluster& cluster() const { return cluster_; }
  [[nodiscard]] std::string describe() const {
    std::string text;
    for (const NodeId id : cluster_.ids()) {
      const Replica& replica = cluster_.at(id.value());
      text += line(replica) + " voters=" + line(replica.voters()) + "\n";
    }
    return text;
  }
  /// As in Kafka, who is not among the voters of its own log does not stand, and denies its vote to those whose logs
  /// are shorter (KIP-853). If a leader that removes itself fails before that is committed, there may be nobody left to
  /// elect. (The thesis lets such a one stand, §4.2.2.)
  [[nodiscard]] bool anybody_electable() const {
    for (const NodeId candidate : cluster_.ids()) {
      const Replica& replica = cluster_.at(candidate.value());
      if (!replica.is_voter()) continue;
      const std::size_t votes = static_cast<std::size_t>(
          std::ranges::count_if(replica.voters().voters(), [&](const ReplicaKey& voter) {
            const auto own = cluster_.at(voter.id.value()).log().end();
            const auto asked = replica.log().end();
            return asked.epoch > own.epoch || (asked.epoch == own.epoch && asked.offset >= own.offset);
          }));
      if (votes >= replica.voters().majority()) return true;
    }
    return false;
  }
  std::int64_t other_voters = 0;  // steps with other voters than three

 private:
  static RaftCluster::Options options(std::uint64_t seed, Rng& rng) {
    RaftCluster::Options options;
    options.voters = 3 + static_cast<int>(rng.below(3));
    options.observers = static_cast<int>(rng.below(2));
    if (rng.chance(1, 2)) {
      options.kraft_version = 1;
      options.spares = 2;
    }
    options.config = chaos_config(rng);
    options.seed = seed;
    return options;
  }
  int any_node() { return cluster_.ids()[rng_.below(cluster_.ids().size())].value(); }

  void start(int node) {
    high_watermarks_.erase(NodeId(node));
    if (rng_.chance(1, 4)) {
      const auto newest = static_cast<KRaftVersion>(1 + rng_.below(2));
      cluster_.install(node, {.min = 0, .max = newest});
    }
    cluster_.start(node);
  }
  /// HighWatermarkMonotonic: in one life of one node, what it believes to be committed only grows.
  void watch(NodeId node, const Effects& effects) {
    watch_voters(node);
    for (const Notice& notice : effects.notices) {
      const auto* committed = std::get_if<Committed>(&notice);
      if (committed == nullptr) continue;
      Offset& known = high_watermarks_[node];
      ENSURE_GT(committed->high_watermark, known, "HighWatermarkMonotonic");
      known = committed->high_watermark;
    }
  }

  void act() {
    const auto dice = rng_.below(1000);
    const std::size_t in_flight = cluster_.in_flight().size();
    if (dice < 850 && in_flight > 0) {
      // Mostly in order; now and then anything may overtake.
      const std::size_t reach = rng_.chance(1, 5) ? in_flight : std::min<std::size_t>(in_flight, 2);
      cluster_.deliver(rng_.below(reach));
    } else if (dice < 860 && in_flight > 0) {
      cluster_.drop(rng_.below(in_flight));
    } else if (dice < 870 && in_flight > 0) {
      cluster_.duplicate(rng_.below(in_flight));
    } else if (dice < 930) {
      const Time wake = cluster_.next_wake();
      if (wake != kNever && wake > cluster_.now()) cluster_.skip(wake - cluster_.now());
      cluster_.tick_due();
    } else if (dice < 940) {
      cluster_.skip(rng_.between(0ms, 50ms));
    } else if (dice < 995) {
      const int node = any_node();
      if (cluster_.is_up(node) && cluster_.at(node).role() == Role::kLeader) cluster_.append(node, 2);
    } else if (dice < 997) {
      const int node = any_node();
      if (cluster_.is_up(node)) cluster_.snapshot(node);
    } else if (dice < 998) {
      change_voters();
    } else {
      break_something();
    }
  }

  /// Any controller in, or any out; a leader that cannot says so.
  void change_voters() {
    const int leader = any_node();
    const int node = any_node();
    if (!cluster_.is_up(leader) || cluster_.at(leader).role() != Role::kLeader || node > 100) return;
    if (cluster_.at(leader).kraft_version() == 0 && rng_.chance(1, 2)) {
      cluster_.request(leader, UpdateFeaturesRequest{.kraft_version = 1});
    } else if (cluster_.at(leader).voters().contains(NodeId(node))) {
      cluster_.request(leader, RemoveRaftVoterRequest{.voter = cluster_.key(node)});
    } else {
      cluster_.request(leader, AddRaftVoterRequest{.voter = cluster_.key(node)});
    }
  }
  /// VotersMatchLog: what is in force is what a start from the same log would find (S1).
  void watch_voters(NodeId node) {
    const Replica& replica = cluster_.at(node.value());
    const records::Snapshot* latest = replica.snapshots().empty() ? nullptr : replica.snapshots().back().get();
    const VoterHistory found(replica.configured_voters(), latest, replica.log());
    ENSURE(found.latest().voters == replica.voters(), "VotersMatchLog");
    ENSURE_EQ(replica.is_voter(), replica.voters().contains(replica.self()), "VotersMatchLog");
    if (replica.voters().size() != 3) ++other_voters;
  }

  void break_something() {
    const auto dice = rng_.below(100);
    const int node = any_node();
    const int other = any_node();
    if (dice < 12) {
      if (cluster_.is_up(node)) cluster_.crash(node, rng_.below(cluster_.unsynced(node) + 1));
    } else if (dice < 50) {
      if (!cluster_.is_up(node)) start(node);
    } else if (dice < 60) {
      if (cluster_.is_up(node)) cluster_.hold_disk(node);
    } else if (dice < 80) {
      cluster_.release_disk(node);
    } else if (dice < 86) {
      if (node != other) cluster_.cut(node, other);
    } else if (dice < 89) {
      cluster_.isolate(node);
    } else {
      cluster_.heal();
    }
  }

  Rng rng_;
  RaftCluster cluster_;
  std::map<NodeId, Offset> high_watermarks_;
};

}  // namespace

TEST_CASE("property: no schedule breaks Raft's safety, and a mended cluster settles") {
  const ::kraft::testing::ThrowingChecks guard;
  std::int64_t committed = 0;
  std::size_t elections = 0;
  const bool ok = rc::check("random faults on 3 to 5 voters", [&] {
    // All of the 64 bits, from the first case on.
    const auto seed = *rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>()));
    for (std::uint64_t i = 0; i < 4; ++i) {
      Chaos chaos(seed + i);
      chaos.run(6000);
      const bool mended = chaos.mend();
      if (!mended) RC_LOG() << chaos.describe();
      RC_ASSERT((mended || !chaos.anybody_electable()));
      committed += static_cast<std::int64_t>(chaos.cluster().oracle().committed().size());
      elections += chaos.cluster().oracle().elections();
    }
  });
  CHECK(ok);
  // The schedules leave room for work, and for trouble.
  CHECK(committed > 10'000);
  CHECK(elections > 1'000);
}

}  // namespace kraft::raft::testing

// Solo: one replica face to face with the test, which plays everybody else. Writes become durable at once, unless held.
//
// Everything the replica said in the last `step` is in `sent` (what had to wait for the disk came after what had not),
// and all its notices in `notices`; `effects` is the raw last step.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/raft/replica.hpp"
#include "tests/core/raft/raft_cluster.hpp"

namespace kraft::raft::testing {

using namespace std::chrono_literals;

[[nodiscard]] inline DirectoryId directory(int id) { return {.high = 0, .low = static_cast<std::uint64_t>(id)}; }
[[nodiscard]] inline ReplicaKey key(int id) { return {.id = NodeId(id), .directory_id = directory(id)}; }
[[nodiscard]] inline VoterSet voters_up_to(int count) {
  std::vector<ReplicaKey> keys;
  for (int id = 1; id <= count; ++id) keys.push_back(key(id));
  return VoterSet(keys);
}
[[nodiscard]] inline Durable disk_with(int epoch, std::optional<int> leader = {}, std::optional<int> voted = {},
                                       Log log = {}) {
  Durable disk;
  disk.quorum_state.leader_epoch = Epoch(epoch);
  if (leader) disk.quorum_state.leader_id = NodeId(*leader);
  if (voted) disk.quorum_state.voted_key = key(*voted);
  disk.log = std::move(log);
  return disk;
}

struct SoloOptions {
  int id = 1;
  int voters = 3;
  Durable disk{};
  Config config{};
  std::uint64_t seed = 7;
};

class Solo {
 public:
  explicit Solo(SoloOptions options = {})
      : disk(options.disk),
        replica(options.config, key(options.id), voters_up_to(options.voters), options.disk, Rng(options.seed), now) {
    step(Tick{});
  }

  void step(Input input) {
    sent.clear();
    notices.clear();
    feed(std::move(input));
    if (!hold_disk) finish_disk();
  }
  /// Everything written becomes durable, and what waited for it is sent.
  void finish_disk() {
    while (effects.persist) {
      const Persist persist = *effects.persist;
      for (const Write& write : persist.writes) {
        perform(disk, write);
        writes.push_back(write);
      }
      feed(Persisted{});
      sent.insert(sent.end(), persist.then.begin(), persist.then.end());
    }
  }
  void wait(Duration duration) {
    now += duration;
    step(Tick{});
  }
  /// Its next deadline comes.
  void expire() {
    now = std::max(now, replica.wake_at());
    step(Tick{});
  }
  /// Deadlines come until the role is this one.
  void expire_into(Role role) {
    for (int tries = 0; replica.role() != role; ++tries) {
      REQUIRE(tries < 1000);
      expire();
    }
  }

  /// Sends it a request and returns its answer, which must come in the same step.
  template <class Response, class Request>
  Response ask(int from, Request request) {
    const CorrelationId id = deliver(from, std::move(request));
    const auto answer = std::ranges::find_if(sent, [&](const Message& m) {
      return m.to == NodeId(from) && m.correlation_id == id && std::holds_alternative<Response>(m.body);
    });
    REQUIRE(answer != sent.end());
    return std::get<Response>(answer->body);
  }
  /// Sends it a request whose answer may come later.
  template <class Request>
  CorrelationId deliver(int from, Request request) {
    const CorrelationId id(next_id_++);
    step(Receive{{.from = NodeId(from), .to = replica.self().id, .correlation_id = id, .body = std::move(request)}});
    return id;
  }
  /// Answers a request of its own.
  void answer(const Message& request, Body response) {
    step(Receive{{.from = request.to,
                  .to = request.from,
                  .correlation_id = request.correlation_id,
                  .body = std::move(response)}});
  }

  /// What it said to `to` in the last step, of this kind.
  template <class T>
  [[nodiscard]] std::vector<Message> all_sent(std::optional<int> to = {}) const {
    std::vector<Message> found;
    for (const Message& m : sent) {
      if (std::holds_alternative<T>(m.body) && (!to || m.to == NodeId(*to))) found.push_back(m);
    }
    return found;
  }
  template <class T>
  [[nodiscard]] Message only_sent(std::optional<int> to = {}) const {
    const auto found = all_sent<T>(to);
    REQUIRE(found.size() == 1);
    return found.front();
  }
  /// Follower: what it asks its leader for. What it may have told first, of its software, is answered.
  template <class T>
  [[nodiscard]] Message asked(int leader) {
    for (const Message& told : all_sent<UpdateRaftVoterRequest>(leader)) {
      answer(told, UpdateRaftVoterResponse{.leader = {.leader_id = NodeId(leader), .epoch = replica.epoch()}});
    }
    return only_sent<T>(leader);
  }
  template <class T>
  [[nodiscard]] std::vector<T> noticed() const {
    std::vector<T> found;
    for (const Notice& n : notices) {
      if (const auto* notice = std::get_if<T>(&n)) found.push_back(*notice);
    }
    return found;
  }

  // ---- into a role ----
  void become_prospective() { expire_into(Role::kProspective); }
  void become_candidate() {
    if (!replica.config().election.pre_vote) return expire_into(Role::kCandidate);
    become_prospective();
    answer_votes(true, enough());
    REQUIRE(replica.role() == Role::kCandidate);
  }
  void become_leader() {
    if (replica.role() != Role::kCandidate) become_candidate();
    answer_votes(true, enough());
    REQUIRE(replica.role() == Role::kLeader);
  }
  void become_follower(int leader, int epoch) {
    (void)ask<BeginQuorumEpochResponse>(leader, begin(leader, epoch));
    REQUIRE(replica.role() == Role::kFollower);
  }
  /// Lets the first `count` voters that were asked in the last step answer.
  void answer_votes(bool granted, std::size_t count) {
    const std::vector<Message> requests = all_sent<VoteRequest>();
    REQUIRE(requests.size() >= count);
    for (std::size_t i = 0; i < count; ++i) answer(requests[i], vote_answer(requests[i], granted));
  }
  /// How many others make a majority with it.
  [[nodiscard]] std::size_t enough() const { return replica.voters().majority() - 1; }

  // ---- messages to it ----
  [[nodiscard]] VoteRequest vote(int candidate, int epoch, Offset end, Epoch last, bool pre_vote = false) const {
    return {.epoch = Epoch(epoch),
            .candidate = key(candidate),
            .voter = replica.self(),
            .last_epoch = last,
            .last_offset = end,
            .pre_vote = pre_vote};
  }
  /// From a candidate whose log is as long as its own.
  [[nodiscard]] VoteRequest equal_vote(int candidate, int epoch, bool pre_vote = false) const {
    return vote(candidate, epoch, replica.log().end_offset(), replica.log().last_epoch(), pre_vote);
  }
  [[nodiscard]] static VoteResponse vote_answer(const Message& request, bool granted) {
    const auto& vote = std::get<VoteRequest>(request.body);
    return {.error = Error::kNone,
            .leader = {.leader_id = {}, .epoch = vote.epoch},
            .vote_granted = granted,
            .pre_vote = vote.pre_vote};
  }
  [[nodiscard]] BeginQuorumEpochRequest begin(int leader, int epoch) const {
    return {.epoch = Epoch(epoch), .leader_id = NodeId(leader), .voter = replica.self()};
  }
  /// A fetch that acknowledges `at`, from a replica that knows no high watermark and waits for nothing.
  [[nodiscard]] FetchRequest fetch(int from, Offset at) const {
    return {.current_leader_epoch = replica.epoch(),
            .replica = key(from),
            .fetch_offset = at,
            .last_fetched_epoch = replica.log().epoch_before(at),
            .max_wait = 0ms,
            .high_watermark = {}};
  }
  /// The same, with everything a caught-up follower knows, so that the leader parks it.
  [[nodiscard]] FetchRequest idle_fetch(int from) const {
    FetchRequest request = fetch(from, replica.log().end_offset());
    request.max_wait = 500ms;
    request.high_watermark = replica.high_watermark();
    return request;
  }
  [[nodiscard]] FetchResponse fetched(int leader, std::vector<records::BatchRef> batches = {},
                                      std::optional<Offset> high_watermark = {}) const {
    return {.error = Error::kNone,
            .leader = {.leader_id = NodeId(leader), .epoch = replica.epoch()},
            .high_watermark = high_watermark,
            .diverging = {},
            .batches = std::move(batches)};
  }
  /// A batch of one record for the end of its log.
  [[nodiscard]] records::BatchRef next_batch(int epoch) const {
    return records::make_batch(replica.log().end_offset(), Epoch(epoch), now,
                               records::MetadataRecords{records::NoOpRecord{}});
  }
  /// Leader: appends and lets the linger pass.
  void append(int records = 1) {
    step(Append{.epoch = replica.epoch(),
                .records = records::MetadataRecords(static_cast<std::size_t>(records), records::NoOpRecord{})});
    wait(replica.config().append_linger);
  }

  Time now = at_nanos(0) + 1h;
  Durable disk;  // another Solo that starts from it is this one after a restart
  Replica replica;
  Effects effects;
  bool hold_disk = false;
  std::vector<Message> sent;
  std::vector<Notice> notices;
  std::vector<Write> writes;  // all that ever became durable, in order

 private:
  void feed(Input input) {
    effects.clear();
    replica.step(now, std::move(input), effects);
    sent.insert(sent.end(), effects.sends.begin(), effects.sends.end());
    notices.insert(notices.end(), effects.notices.begin(), effects.notices.end());
  }

  std::int64_t next_id_ = 1000;
};

}  // namespace kraft::raft::testing

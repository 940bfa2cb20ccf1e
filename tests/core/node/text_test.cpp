// The one notation, of everything that nodes say.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/node/message.hpp"
#include "core/node/step.hpp"

namespace kraft::node {
namespace {

Rpc rpc(Body body, int from = 101, int to = 1) {
  return {NodeId(from), NodeId(to), CorrelationId(33), std::move(body), std::nullopt};
}

TEST_CASE("RPCs print as one line") {
  CHECK(line(rpc(BrokerHeartbeatRequest{NodeId(101), BrokerEpoch(57), Offset(1200), false, true})) ==
        "101->1 BrokerHeartbeat e57 off=1200 want-shutdown #33");
  CHECK(line(rpc(BrokerHeartbeatRequest{NodeId(101), BrokerEpoch(57), Offset(1200), true, false})) ==
        "101->1 BrokerHeartbeat e57 off=1200 want-fence #33");
  CHECK(line(rpc(BrokerHeartbeatResponse{Error::kNone, true, false, true}, 1, 101)) ==
        "1->101 BrokerHeartbeatResponse caught-up unfenced shut-down #33");
  CHECK(line(rpc(BrokerRegistrationRequest{NodeId(101), {}, "b"})) ==
        "101->1 BrokerRegistration incarnation=AAAAAAAAAAAAAAAAAAAAAA rack=b #33");
  CHECK(line(rpc(BrokerRegistrationResponse{Error::kNone, BrokerEpoch(9)})) ==
        "101->1 BrokerRegistrationResponse e9 #33");
  CHECK(line(rpc(CreateTopicsRequest{{{"a", 3, 2}, {"b", 1, 1}}})) == "101->1 CreateTopics a:3x2 b:1x1 #33");
  CHECK(line(rpc(CreateTopicsResponse{Error::kNone, {{}, {}}})) == "101->1 CreateTopicsResponse created=2 #33");
  CHECK(line(rpc(DeleteTopicsRequest{{"a", "b"}})) == "101->1 DeleteTopics a b #33");
  CHECK(line(rpc(DeleteTopicsResponse{})) == "101->1 DeleteTopicsResponse ok #33");
  const AlterPartitionRequest alter{
      NodeId(101), BrokerEpoch(1), {}, PartitionId(4), LeaderEpoch(2), PartitionEpoch(3), {NodeId(101), NodeId(102)}};
  CHECK(line(rpc(alter)) ==
        "101->1 AlterPartition e1 AAAAAAAAAAAAAAAAAAAAAA-4 le=2 pe=3 isr=(101,102) #33");
  CHECK(line(rpc(AlterPartitionResponse{Error::kFencedLeaderEpoch})) ==
        "101->1 AlterPartitionResponse FENCED_LEADER_EPOCH #33");
  Rpc refused = rpc(refusal(CreateTopicsRequest{}, Error::kNotController), 2, 101);
  refused.controller_id = NodeId(3);
  CHECK(line(refused) == "2->101 CreateTopicsResponse NOT_CONTROLLER controller=3 #33");
}

TEST_CASE("a refusal answers its request, and stands in for an answer") {
  const std::vector<Body> requests{BrokerRegistrationRequest{}, BrokerHeartbeatRequest{}, CreateTopicsRequest{},
                                   DeleteTopicsRequest{}, AlterPartitionRequest{}};
  for (const Body& request : requests) {
    const Body answer = refusal(request, Error::kNotController);
    CHECK(is_request(rpc(request)));
    CHECK_FALSE(is_request(rpc(answer)));
    CHECK(error_of(request) == Error::kNone);
    CHECK(error_of(answer) == Error::kNotController);
    CHECK(refusal(answer, Error::kRequestTimedOut).index() == answer.index());
    CHECK(error_of(refusal(answer, Error::kRequestTimedOut)) == Error::kRequestTimedOut);
    CHECK(size_bytes(rpc(request)) > 0);
    CHECK(size_bytes(rpc(answer)) > 0);
  }
}

TEST_CASE("inputs, notices, effects") {
  CHECK(line(Input{Tick{}}) == "tick");
  CHECK(line(Input{Persisted{}}) == "persisted");
  CHECK(line(Input{Disconnected{NodeId(3)}}) == "disconnected 3");
  CHECK(line(Input{Shutdown{}}) == "shutdown");
  CHECK(line(Input{Receive{rpc(DeleteTopicsResponse{})}}) == "101->1 DeleteTopicsResponse ok #33");
  CHECK(line(Notice{BecameActive{Epoch(4)}}) == "active e4");
  CHECK(line(Notice{Renounced{Epoch(4), 12}}) == "renounced e4 dropped=12");
  CHECK(line(Notice{BrokerFenced{NodeId(101), true}}) == "fenced 101 session expired");
  CHECK(line(Notice{BrokerFenced{NodeId(101), false}}) == "fenced 101");
  CHECK(line(Notice{BrokerUnfenced{NodeId(101)}}) == "unfenced 101");
  CHECK(line(Notice{MetadataApplied{Offset(7)}}) == "applied 7");
  CHECK(line(Notice{ControllerFound{NodeId(2)}}) == "controller 2");
  CHECK(line(Notice{BrokerStateChanged{BrokerState::kPendingControlledShutdown}}) == "PENDING_CONTROLLED_SHUTDOWN");
  CHECK(line(Notice{BatchCommitted{Offset(1), Offset(3), at_nanos(0), at_nanos(25'000'000), at_nanos(27'000'000)}}) ==
        "batch [1..3) committed queued=0s appended=25ms durable=27ms");
  Effects effects;
  effects.sends.emplace_back(rpc(DeleteTopicsResponse{}));
  effects.persist.emplace();
  effects.persist->then.emplace_back(rpc(AlterPartitionResponse{}));
  effects.disconnects.push_back(NodeId(2));
  effects.wake_at = at_nanos(5);
  effects.shutdown_complete = true;
  effects.persist->writes.emplace_back(raft::TruncateLog{Offset(8)});
  effects.persist->sync = true;
  CHECK(line(effects) ==
        "disconnect 2; 101->1 DeleteTopicsResponse ok #33; persist truncate(8) sync; "
        "then 101->1 AlterPartitionResponse ok #33; shutdown complete; wake 5ns");
  effects.clear();
  CHECK(line(effects) == "wake never");
}

}  // namespace
}  // namespace kraft::node

// Error names as Kafka's org.apache.kafka.common.protocol.Errors spells them, so that logs and reports can be compared
// with those of real controllers.
#include "core/metadata/request.hpp"

namespace kraft::metadata {

std::string line(Error error) {
  switch (error) {
    case Error::kNone: return "NONE";
    case Error::kNotController: return "NOT_CONTROLLER";
    case Error::kDuplicateBrokerRegistration: return "DUPLICATE_BROKER_REGISTRATION";
    case Error::kStaleBrokerEpoch: return "STALE_BROKER_EPOCH";
    case Error::kBrokerIdNotRegistered: return "BROKER_ID_NOT_REGISTERED";
    case Error::kTopicAlreadyExists: return "TOPIC_ALREADY_EXISTS";
    case Error::kUnknownTopicOrPartition: return "UNKNOWN_TOPIC_OR_PARTITION";
    case Error::kInvalidReplicationFactor: return "INVALID_REPLICATION_FACTOR";
    case Error::kInvalidPartitions: return "INVALID_PARTITIONS";
    case Error::kInvalidTopic: return "INVALID_TOPIC_EXCEPTION";
    case Error::kPolicyViolation: return "POLICY_VIOLATION";
    case Error::kFencedLeaderEpoch: return "FENCED_LEADER_EPOCH";
    case Error::kInvalidUpdateVersion: return "INVALID_UPDATE_VERSION";
    case Error::kIneligibleReplica: return "INELIGIBLE_REPLICA";
    case Error::kInvalidRequest: return "INVALID_REQUEST";
    case Error::kRequestTimedOut: return "REQUEST_TIMED_OUT";
  }
  return "?";
}

}  // namespace kraft::metadata

// Decisions about topics: creation with rack-aware placement, deletion (Kafka's ReplicationControlManager.createTopics
// and deleteTopics, common.internals.Topic for names).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/rng.hpp"
#include "core/metadata/image.hpp"
#include "core/metadata/request.hpp"

namespace kraft::metadata {

/// 1 to 249 of [a-zA-Z0-9._-], and neither "." nor "..".
[[nodiscard]] bool is_valid_topic_name(std::string_view name);

/// All topics or none; the first fault decides the error. `rng` draws topic ids and placement. More than `max_records`
/// are refused.
[[nodiscard]] Decision<CreateTopicsResponse> decide(const Image& image, const CreateTopicsRequest& request,
                                                    std::int64_t max_records, Rng& rng);

[[nodiscard]] Decision<DeleteTopicsResponse> decide(const Image& image, const DeleteTopicsRequest& request);

}  // namespace kraft::metadata

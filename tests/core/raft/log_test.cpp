// Log by example, and against a naive one: a plain list of the epochs of single records.
#include "core/raft/log.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "tests/core/raft/raft_cluster.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

records::BatchRef batch(Offset base, Epoch epoch, std::size_t records = 1) {
  return records::make_batch(base, epoch, at_nanos(0), records::MetadataRecords(records, records::NoOpRecord{}));
}

/// What Log claims to be: the epoch of every offset that ever was, where batches begin, and where it starts.
struct NaiveLog {
  Offset start{0};
  std::vector<Epoch> epochs;
  std::vector<Offset> boundaries{Offset(0)};

  [[nodiscard]] Offset end() const { return Offset(static_cast<std::int64_t>(epochs.size())); }
  void append(Epoch epoch, std::size_t records) {
    epochs.insert(epochs.end(), records, epoch);
    boundaries.push_back(end());
  }
  void truncate_to(Offset to) {
    epochs.resize(static_cast<std::size_t>(std::min(to, end()).value()));
    std::erase_if(boundaries, [&](Offset b) { return b > end(); });
  }
  [[nodiscard]] OffsetAndEpoch end_offset_for_epoch(Epoch asked) const {
    OffsetAndEpoch found{.offset = Offset(0), .epoch = Epoch(0)};
    for (std::size_t i = 0; i < epochs.size() && epochs[i] <= asked; ++i) {
      found = {.offset = Offset(static_cast<std::int64_t>(i) + 1), .epoch = epochs[i]};
    }
    // Of an epoch that ended before the start nothing is known but that it did.
    return found.offset < start ? OffsetAndEpoch{.offset = start, .epoch = Epoch(0)} : found;
  }
  void trim_to(Offset to) {
    start = to;
    std::erase_if(boundaries, [&](Offset b) { return b < start; });
  }
  [[nodiscard]] Epoch epoch_before(Offset offset) const {
    return offset == Offset(0) || epochs.empty()
               ? Epoch(0)
               : epochs[static_cast<std::size_t>(std::min(offset, end()).value()) - 1];
  }
};

void check_alike(const Log& log, const NaiveLog& naive) {
  RC_ASSERT(log.end_offset() == naive.end());
  RC_ASSERT(log.last_epoch() == naive.epoch_before(naive.end()));
  for (int epoch = 0; epoch <= naive.epoch_before(naive.end()).value() + 2; ++epoch) {
    RC_ASSERT(log.end_offset_for_epoch(Epoch(epoch)) == naive.end_offset_for_epoch(Epoch(epoch)));
  }
  RC_ASSERT(log.start_offset() == naive.start);
  for (Offset at = naive.start; at <= naive.end(); at += 1) {
    RC_ASSERT(log.epoch_before(at) == naive.epoch_before(at));
    const records::RecordBatch* found = log.find(at);
    RC_ASSERT((found == nullptr) == (at == naive.end()));
    if (found != nullptr) {
      RC_ASSERT(found->base_offset <= at);
      RC_ASSERT(found->end_offset() > at);
      RC_ASSERT(found->epoch == naive.epochs[static_cast<std::size_t>(at.value())]);
    }
  }
  for (const Offset from : naive.boundaries) {
    std::vector<records::BatchRef> read;
    log.read(from, log.end_offset(), INT64_MAX, read);
    Offset next = from;
    for (const auto& each : read) {
      RC_ASSERT(each->base_offset == next);
      next = each->end_offset();
    }
    RC_ASSERT(next == naive.end());
  }
}

}  // namespace

TEST_CASE("an empty log ends at 0 in epoch 0") {
  const Log log;
  CHECK(log.end() == OffsetAndEpoch{.offset = Offset(0), .epoch = Epoch(0)});
  CHECK(log.find(Offset(0)) == nullptr);
  CHECK(log.end_offset_for_epoch(Epoch(7)) == OffsetAndEpoch{.offset = Offset(0), .epoch = Epoch(0)});
}

TEST_CASE("the end of an epoch is where the next one starts, also for epochs without records") {
  const Log log = log_of({1, 1, 4, 4, 4});
  CHECK(log.end_offset_for_epoch(Epoch(1)) == OffsetAndEpoch{.offset = Offset(2), .epoch = Epoch(1)});
  CHECK(log.end_offset_for_epoch(Epoch(3)) == OffsetAndEpoch{.offset = Offset(2), .epoch = Epoch(1)});
  CHECK(log.end_offset_for_epoch(Epoch(4)) == OffsetAndEpoch{.offset = Offset(5), .epoch = Epoch(4)});
  CHECK(log.end_offset_for_epoch(Epoch(0)) == OffsetAndEpoch{.offset = Offset(0), .epoch = Epoch(0)});
}

TEST_CASE("truncation takes whole batches, and epochs that lost all their records (KAFKA-10706)") {
  Log log = log_of({1, 1, 4});
  log.truncate_to(Offset(2));
  CHECK(log.last_epoch() == Epoch(1));
  CHECK(log.end_offset_for_epoch(Epoch(4)) == OffsetAndEpoch{.offset = Offset(2), .epoch = Epoch(1)});
  log.truncate_to(Offset(9));
  CHECK(log.end_offset() == Offset(2));
}

TEST_CASE("a read is bounded in bytes, but for its first batch, and by its end") {
  const Log log = log_of({1, 1, 1, 1});
  const std::int64_t size = log.batches()[0]->size_bytes;
  const auto count = [&](Offset end, std::int64_t bytes) {
    std::vector<records::BatchRef> out;
    log.read(Offset(1), end, bytes, out);
    return out.size();
  };
  CHECK(count(Offset(4), 0) == 1);
  CHECK(count(Offset(4), 2 * size) == 2);
  CHECK(count(Offset(4), 2 * size + 1) == 2);
  CHECK(count(Offset(4), 9 * size) == 3);
  CHECK(count(Offset(3), 9 * size) == 2);
  CHECK(count(Offset(1), 9 * size) == 0);
}

TEST_CASE("a log takes no gap, no overlap, no falling epoch, and is not cut inside a batch") {
  const ::kraft::testing::ThrowingChecks guard;
  Log log;
  log.append(batch(Offset(0), Epoch(2), 3));
  CHECK_THROWS_AS(log.append(batch(Offset(4), Epoch(2))), ::kraft::testing::CheckThrown);
  CHECK_THROWS_AS(log.append(batch(Offset(2), Epoch(2))), ::kraft::testing::CheckThrown);
  CHECK_THROWS_AS(log.append(batch(Offset(3), Epoch(1))), ::kraft::testing::CheckThrown);
  CHECK_THROWS_AS(log.truncate_to(Offset(1)), ::kraft::testing::CheckThrown);
}

TEST_CASE("a log is a value: copies share batches and part ways") {
  const Log original = log_of({1, 2});
  Log copy = original;
  CHECK(copy == original);
  copy.truncate_to(Offset(1));
  CHECK(original.end_offset() == Offset(2));
  CHECK_FALSE(copy == original);
}

TEST_CASE("property: the log is what a plain list of epochs says") {
  const bool ok = rc::check("append, truncate and trim at random", [] {
    Log log;
    NaiveLog naive;
    const auto steps = *rc::gen::inRange(1, 40);
    for (int i = 0; i < steps; ++i) {
      if (*rc::gen::inRange(0, 8) == 0) {
        const Offset to = *rc::gen::elementOf(naive.boundaries);
        log.trim_to({to, naive.epoch_before(to)});
        naive.trim_to(to);
      } else if (*rc::gen::inRange(0, 3) > 0) {
        const Epoch epoch = Epoch(std::max(1, log.last_epoch().value())) + *rc::gen::inRange(0, 3);
        const auto records = *rc::gen::inRange<std::size_t>(1, 4);
        log.append(batch(log.end_offset(), epoch, records));
        naive.append(epoch, records);
      } else {
        const Offset to = *rc::gen::elementOf(naive.boundaries);
        log.truncate_to(to);
        naive.truncate_to(to);
      }
      check_alike(log, naive);
    }
  });
  CHECK(ok);
}

}  // namespace kraft::raft::testing

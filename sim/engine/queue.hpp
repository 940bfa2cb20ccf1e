// EventQueue<Body>: what will happen, ordered by (time, sequence), with cancellation.
//
// Bodies are tagged data (a variant of aggregates), never closures, so the whole queue is a value: copying it forks the
// future. A 4-ary heap holds 24-byte keys; the bodies lie still in a slab. Cancelling marks a slot; the key is dropped
// when it surfaces. Every event knows its cause: the event during which it was scheduled.
//
// Equal times keep the order of scheduling. `shuffle_ties(rng)` permutes them instead, which shows code that leans on
// that order. It must not know what a body means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/check.hpp"
#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace kraftsim::engine {

using kraft::Time;

/// Events are numbered in the order of their scheduling; 0 is "the beginning of the run".
using EventId = std::uint64_t;

/// Names one scheduled event, for cancelling it. Default: none.
struct Handle {
  std::uint32_t slot = UINT32_MAX;
  EventId id = 0;
  [[nodiscard]] explicit operator bool() const { return id != 0; }
};

template <class Body>
class EventQueue {
 public:
  struct Event {
    Time at{};
    EventId id = 0;
    EventId cause = 0;
    Body body{};
  };

  /// From now on, events of equal time come in an order drawn from `rng`.
  void shuffle_ties(kraft::Rng rng) { ties_ = rng; }

  Handle schedule(Time at, EventId cause, Body&& body) {
    const EventId id = ++last_id_;
    std::uint32_t slot;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Slot& taken = slots_[slot];
    taken.id = id;
    taken.cause = cause;
    taken.body = std::move(body);
    push(Key{at, ties_ ? ties_->next() : id, slot});
    ++pending_;
    return Handle{slot, id};
  }

  /// True if the event was still to come.
  bool cancel(Handle& handle) {
    if (!handle || handle.slot >= slots_.size() || slots_[handle.slot].id != handle.id) return false;
    slots_[handle.slot].id = 0;
    slots_[handle.slot].body = Body{};
    --pending_;
    handle = Handle{};
    return true;
  }

  /// Time of the next event, none if there is none.
  [[nodiscard]] std::optional<Time> next_time() {
    drop_cancelled();
    if (heap_.empty()) return std::nullopt;
    return heap_.front().at;
  }

  /// Takes the next event. The queue must not be empty.
  Event pop() {
    drop_cancelled();
    ENSURE(!heap_.empty());
    const Key key = heap_.front();
    pop_key();
    Slot& slot = slots_[key.slot];
    Event event{key.at, slot.id, slot.cause, std::move(slot.body)};
    release(key.slot);
    --pending_;
    return event;
  }

  /// Events still to come, cancelled ones not counted.
  [[nodiscard]] std::size_t pending() const { return pending_; }
  [[nodiscard]] EventId last_id() const { return last_id_; }

 private:
  struct Key {
    Time at;
    std::uint64_t order;
    std::uint32_t slot;
    [[nodiscard]] bool before(const Key& other) const {
      return at != other.at ? at < other.at : order != other.order ? order < other.order : slot < other.slot;
    }
  };
  struct Slot {
    EventId id = 0;  // 0: cancelled or free
    EventId cause = 0;
    Body body{};
  };

  void drop_cancelled() {
    while (!heap_.empty() && slots_[heap_.front().slot].id == 0) {
      const std::uint32_t slot = heap_.front().slot;
      pop_key();
      release(slot);
    }
  }
  void release(std::uint32_t slot) {
    slots_[slot].id = 0;
    free_.push_back(slot);
  }
  void push(Key key) {
    std::size_t hole = heap_.size();
    heap_.push_back(key);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (!key.before(heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = key;
  }
  void pop_key() {
    const Key last = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
    const std::size_t size = heap_.size();
    std::size_t hole = 0;
    for (;;) {
      const std::size_t first = hole * 4 + 1;
      if (first >= size) break;
      std::size_t least = first;
      const std::size_t end = first + 4 < size ? first + 4 : size;
      for (std::size_t child = first + 1; child < end; ++child) {
        if (heap_[child].before(heap_[least])) least = child;
      }
      if (!heap_[least].before(last)) break;
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = last;
  }

  std::vector<Key> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t pending_ = 0;
  EventId last_id_ = 0;
  std::optional<kraft::Rng> ties_;
};

}  // namespace kraftsim::engine

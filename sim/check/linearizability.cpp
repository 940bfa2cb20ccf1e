// Wing and Gong's search with the states that were tried remembered: a set of calls that have taken effect, and how
// often the topic has changed, which says whether it exists. The log is read only when somebody asks.
#include "sim/check/linearizability.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/check.hpp"

namespace kraftsim::check {
namespace {

using Kind = cluster::Operation::Kind;
using Outcome = Call::Outcome;

class Search {
 public:
  Search(std::vector<Call> calls, int goal) : calls_(std::move(calls)), goal_(goal) {
    ENSURE_LE(calls_.size(), 64U, "a topic is created and deleted a few times only");
  }

  /// From where the calls in `done` have taken effect and the topic has changed so often.
  bool explains(std::uint64_t done, int changes) {
    if (changes > goal_ || !tried_.emplace(done, changes).second) return false;
    // Whoever was answered first must have taken effect before any later call.
    Time first_answer = kraft::kNever;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!has(done, i)) first_answer = std::min(first_answer, calls_[i].answered);
    }
    // Nobody is left but those that may never take effect.
    if (first_answer == kraft::kNever && changes == goal_) return true;
    const bool exists = changes % 2 == 1;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      const Call& call = calls_[i];
      if (call.called > first_answer) continue;
      const bool changed = exists != (call.kind == Kind::kCreateTopic);
      // Without the client's being told: of an operation that never was answered, or that the broker asked for again.
      if (changed && explains(done, changes + 1)) return true;
      if (has(done, i) || call.outcome == Outcome::kUnknown || changed != (call.outcome == Outcome::kDone)) continue;
      if (explains(done | (std::uint64_t{1} << i), changes + (changed ? 1 : 0))) return true;
    }
    return false;
  }

 private:
  static bool has(std::uint64_t set, std::size_t i) { return ((set >> i) & 1U) != 0; }

  std::vector<Call> calls_;
  int goal_;
  std::set<std::pair<std::uint64_t, int>> tried_;
};

std::string story(const std::vector<Call>& calls) {
  std::string text;
  for (const Call& call : calls) {
    text += text.empty() ? "" : ", ";
    text += call.kind == Kind::kCreateTopic ? "create" : "delete";
    text += " called at " + kraft::line(call.called);
    text += call.outcome == Outcome::kDone ? " done" : call.outcome == Outcome::kWasSo ? " was so" : " unknown";
    if (call.answered != kraft::kNever) text += " at " + kraft::line(call.answered);
  }
  return text;
}

}  // namespace

bool is_linearizable(const std::vector<Call>& calls, int changes) { return Search(calls, changes).explains(0, 0); }

void ClientHistory::call(const cluster::Operation& operation, Time now) {
  const TopicIndex topic = find_or_add(operation.topic);
  auto& calls = topics_[topic].calls;
  open_[operation.id] = {.topic = topic, .call = calls.size()};
  calls.push_back({.kind = operation.kind, .called = now});
}

std::optional<Violation> ClientHistory::answer(std::uint64_t operation, const std::string& error, Time now,
                                               const CommittedHistory& committed) {
  const auto open = open_.find(operation);
  if (open == open_.end()) return {};
  const Place place = open->second;
  open_.erase(open);
  Topic& topic = topics_[place.topic];
  Call& call = topic.calls[place.call];
  const bool creates = call.kind == Kind::kCreateTopic;
  if (error == (creates ? "TOPIC_ALREADY_EXISTS" : "UNKNOWN_TOPIC_OR_PARTITION")) {
    call.outcome = Outcome::kWasSo;
    call.answered = now;
    topic.answered = committed.end();
  }
  if (error.empty()) {
    call.outcome = Outcome::kDone;
    call.answered = now;
    topic.answered = committed.end();
    owed_.push_back({place.topic, creates, ++topic.acknowledged.of(creates), committed.end()});
  }
  return settle(committed);
}

std::optional<Violation> ClientHistory::settle(const CommittedHistory& committed) {
  read(committed);
  for (std::size_t i = 0; i < owed_.size();) {
    const Owed& owed = owed_[i];
    Topic& topic = topics_[owed.topic];
    if (topic.committed.of(owed.created) < owed.times) {
      // Its leader may have ended in the moment of the commit; whatever is committed next lies behind it.
      if (committed.end() == owed.end) {
        ++i;
        continue;
      }
      return Violation{kAcknowledged.name, std::string(owed.created ? "the creation" : "the deletion") + " of " +
                                               topic.name + " was acknowledged when the committed log ended at " +
                                               line(owed.end) + "; it ends at " + line(committed.end()) + " without"};
    }
    owed_.erase(owed_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return {};
}

std::optional<Violation> ClientHistory::judge(const CommittedHistory& committed) {
  if (auto violation = settle(committed)) return violation;
  for (const auto& [name, index] : by_name_) {
    const Topic& topic = topics_[index];
    if (topic.calls.empty()) continue;
    const int changes = topic.committed.created + topic.committed.removed;
    // A leader may have ended in the moment of a commit that it told of: then the log does not show yet how often the
    // topic changed.
    const bool shown = topic.answered < committed.end();
    const int unseen = shown ? 0 : static_cast<int>(topic.calls.size());
    bool explained = false;
    for (int more = 0; more <= unseen && !explained; ++more) explained = is_linearizable(topic.calls, changes + more);
    if (explained) continue;
    return Violation{kLinearizable.name, name + " was created and removed " + std::to_string(changes) +
                                             " times in sum, which no order explains of: " + story(topic.calls)};
  }
  return {};
}

void ClientHistory::read(const CommittedHistory& committed) {
  const auto& batches = committed.batches();
  for (; batches_read_ < batches.size(); ++batches_read_) {
    const auto* records = std::get_if<kraft::records::MetadataRecords>(&batches[batches_read_]->records);
    if (records == nullptr) continue;
    for (const auto& record : *records) {
      if (const auto* made = std::get_if<kraft::records::TopicRecord>(&record)) {
        const TopicIndex topic = find_or_add(made->name);
        existing_[made->topic_id] = topic;
        ++topics_[topic].committed.created;
      } else if (const auto* gone = std::get_if<kraft::records::RemoveTopicRecord>(&record)) {
        const auto topic = existing_.find(gone->topic_id);
        if (topic == existing_.end()) continue;
        ++topics_[topic->second].committed.removed;
        existing_.erase(topic);
      }
    }
  }
}

ClientHistory::TopicIndex ClientHistory::find_or_add(const std::string& name) {
  const auto [place, is_new] = by_name_.try_emplace(name, topics_.size());
  if (is_new) topics_.emplace_back().name = name;
  return place->second;
}

}  // namespace kraftsim::check

// Removals are in the end tried with all seeds, since they decide whether the result is minimal; what only makes the
// text easier to read (round numbers, shorter faults) with its own seed. Rounds follow until one changes nothing.
#include "sim/scenario/shrink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "sim/cluster/target.hpp"
#include "sim/scenario/duration_text.hpp"
#include "sim/scenario/fault_text.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/swarm.hpp"

namespace kraftsim::scenario {
namespace {

using cluster::Target;
using Pointer = Document::json_pointer;

/// The act of a fault: its member that is an object.
Document* act_of(Document& fault) {
  for (auto& member : fault.items()) {
    if (member.value().is_object()) return &member.value();
  }
  return nullptr;
}

std::int64_t count_of(const Document& document, const char* role) {
  return document.value(Pointer(fmt::format("/cluster/{}/count", role)), std::int64_t{3});
}

/// A failed ENSURE is another failure when it stands elsewhere, and an expectation when it expects something else: what
/// was broken is told by its text up to the values.
std::string identity(const std::string& invariant, const std::string& detail) {
  if (invariant == "Assertion") return invariant + " " + detail.substr(0, detail.find(" failed"));
  if (invariant == "Expectation") return invariant + " " + detail.substr(0, detail.find(';'));
  return invariant;
}

/// What becomes of the number of a node when nodes are taken away; none: it is one of them.
using Renumber = std::function<std::optional<std::int64_t>(std::int64_t)>;

/// A target with another number; none if it means nobody any more.
std::optional<std::string> renumbered(const std::string& text, bool brokers, std::int64_t count,
                                      const Renumber& renumber) {
  auto target = cluster::parse_target(text);
  if (!target) return text;
  const bool of_brokers = target->kind == Target::Kind::kBroker;
  if (brokers && count == 0 &&
      (of_brokers || target->kind == Target::Kind::kAnyBroker || target->kind == Target::Kind::kAllBrokers)) {
    return {};
  }
  if (target->number == 0 || of_brokers != brokers) return text;
  const auto number = renumber(target->number);
  if (!number) return {};
  target->number = static_cast<std::int32_t>(*number);
  return line(*target);
}

/// Rewrites all targets within `value`; false if something that needs one has none left.
bool renumber_targets(Document& value, bool brokers, std::int64_t count, const Renumber& renumber) {
  if (value.is_string()) {
    auto text = renumbered(value.get<std::string>(), brokers, count, renumber);
    if (text) value = *text;
    return text.has_value();
  }
  if (value.is_array()) {
    Document left = Document::array();
    for (Document& item : value) {
      if (renumber_targets(item, brokers, count, renumber) && std::find(left.begin(), left.end(), item) == left.end()) {
        left.push_back(item);
      }
    }
    value = std::move(left);
    return !value.empty();
  }
  for (auto& member : value.items()) {
    if (member.value().is_structured() || member.value().is_string()) {
      if (!renumber_targets(member.value(), brokers, count, renumber)) return false;
    }
  }
  return true;
}

class Shrinker {
 public:
  Shrinker(const Document& document, const std::string& path, const ShrinkOptions& options)
      : path_(path), options_(options), best_(document) {
    if (!best_.contains("cluster")) best_["cluster"] = Document::object();
    if (!best_.contains("replay")) best_["replay"] = {{"seed", "1"}};
    if (!best_.contains("faults")) best_["faults"] = Document::array();
  }

  ShrinkResult shrink() {
    ShrinkResult result;
    result.before = size_of(best_);
    best_run_ = run(best_);
    result.run = best_run_;
    if (best_run_.verdict == Verdict::kViolated) {
      wanted_ = identity(best_run_.invariant.value_or(""), best_run_.detail);
      if (best_run_.invariant != "Expectation") best_.erase("expect");
      minimal_ = true;
      write_out_times();
      Document calm = best_;
      calm["faults"].clear();
      try_removal(std::move(calm));  // while there is most to fail; a smaller cluster may need one of them
      for (const bool thorough : {false, true}) {  // what costs a run each before what costs one a seed
        seeds_ = thorough ? options_.other_seeds : 0;
        refused_.clear();
        while (round() && minimal_) {
        }
      }
      note();
      result.run = best_run_;
      result.minimal = minimal_;
    }
    result.document = best_;
    result.after = size_of(best_);
    result.runs = runs_;
    return result;
  }

 private:
  [[nodiscard]] RunResult run(const Document& document) {
    ++runs_;
    RunOptions run_options;
    run_options.keep_going = [this](std::uint64_t, Time) { return !options_.keep_going || options_.keep_going(); };
    return run_document(document, path_, run_options);
  }

  bool fails(const Document& document) {
    if (options_.keep_going && !options_.keep_going()) minimal_ = false;
    if (!minimal_) return false;
    try {
      RunResult result = run(document);
      if (result.verdict != Verdict::kViolated) return false;
      if (identity(result.invariant.value_or(""), result.detail) != wanted_) return false;
      best_run_ = std::move(result);
      best_ = document;
      return true;
    } catch (const ScenarioError&) {
      return false;  // without that part it is no scenario
    }
  }

  /// A time that is drawn can be made neither rounder nor earlier: with one, faults are written as they struck.
  void write_out_times() {
    const auto is_drawn = [](const Document& fault) { return fault.contains("between"); };
    if (std::ranges::none_of(best_["faults"], is_drawn)) return;
    Document written = best_;
    written["faults"] = Document::array();
    for (const cluster::Fault& fault : best_run_.faults) written["faults"].push_back(Document::parse(to_json(fault)));
    fails(written);
  }

  /// Takes the candidate if it fails, with its own seed or another. What was refused once is not tried again.
  bool try_removal(Document candidate) {
    kraft::Digest digest;
    digest.add(text_of(candidate));
    if (refused_.contains(digest.value())) return false;
    if (fails(candidate)) return true;
    const std::string own = candidate["replay"].value("seed", "1");
    for (std::uint64_t seed = 1; seed <= seeds_ && minimal_; ++seed) {
      candidate["replay"]["seed"] = std::to_string(seed);
      if (candidate["replay"]["seed"] != own && fails(candidate)) return true;
    }
    refused_.insert(digest.value());
    return false;
  }

  bool round() {
    bool smaller = shorten();
    smaller |= lighten_load();
    smaller |= drop_faults();
    smaller |= fewer_nodes();
    smaller |= drop_settings();
    smaller |= simplify();
    return smaller;
  }

  // ---- the horizon ----

  [[nodiscard]] static Document with_duration(const Document& document, Duration duration) {
    Document shorter = document;
    shorter["duration"] = duration_value(duration);
    Document faults = Document::array();
    for (const Document& fault : document["faults"]) {
      const auto at = parse_duration(fault.value("at", "0s"));
      if (at.value && *at.value < duration) faults.push_back(fault);
    }
    shorter["faults"] = faults;
    return shorter;
  }

  bool shorten() {
    using std::chrono::milliseconds;
    const auto stated = parse_duration(best_["duration"].get<std::string>());
    if (!stated.value) return false;
    const auto shorter = [&](Duration wanted) {
      const Duration duration = std::max<Duration>(milliseconds(1), std::chrono::ceil<milliseconds>(wanted));
      return duration < *stated.value && fails(with_duration(best_, duration));
    };
    const Time began = best_run_.began.value_or(best_run_.violated_at);
    return shorter(best_run_.violated_at - began + milliseconds(1)) || shorter(*stated.value / 2) ||
           shorter(*stated.value * 3 / 4);
  }

  // ---- the load ----

  /// Fewer topics a second, which also makes every further run a shorter one.
  bool lighten_load() {
    bool lighter = false;
    for (std::size_t i = 0; best_.contains("workload") && i < best_["workload"].size(); ++i) {
      const Pointer every(fmt::format("/workload/{}/create_topics/every", i));
      for (int factor = 8; factor > 1 && best_.contains(every); factor /= 2) {
        const auto stated = parse_duration(best_[every].get<std::string>());
        if (!stated.value || *stated.value * factor > std::chrono::seconds(1)) continue;
        Document candidate = best_;
        candidate[every] = duration_value(*stated.value * factor);
        lighter |= fails(candidate);
      }
    }
    return lighter;
  }

  // ---- faults ----

  bool drop_faults() {
    bool smaller = false;
    std::size_t chunk = best_["faults"].size();
    while (chunk > 0) {
      std::size_t begin = 0;
      while (begin < best_["faults"].size()) {
        Document candidate = best_;
        Document& faults = candidate["faults"];
        const std::size_t end = std::min(begin + chunk, faults.size());
        faults.erase(faults.begin() + static_cast<std::ptrdiff_t>(begin),
                     faults.begin() + static_cast<std::ptrdiff_t>(end));
        if (try_removal(std::move(candidate))) {
          smaller = true;
        } else {
          begin += chunk;
        }
      }
      chunk /= 2;
    }
    return smaller;
  }

  // ---- nodes ----

  /// With so many nodes of a role; faults, exceptions and changes of the voters that are left without a target go.
  [[nodiscard]] static Document with_nodes(const Document& document, const char* role, const char* which,
                                           std::int64_t count, const Renumber& renumber) {
    const bool brokers = std::string_view(role) == "brokers";
    Document fewer = document;
    fewer["cluster"][role][which] = count;
    if (!brokers) renumber_changes(fewer, renumber);
    Document faults = Document::array();
    for (Document fault : document["faults"]) {
      Document* act = act_of(fault);
      if (act == nullptr || renumber_targets(*act, brokers, count, renumber)) faults.push_back(std::move(fault));
    }
    fewer["faults"] = faults;
    if (document["cluster"].contains("nodes")) {
      Document nodes = Document::object();
      for (const auto& node : document["cluster"]["nodes"].items()) {
        if (const auto name = renumbered(node.key(), brokers, count, renumber)) nodes[*name] = node.value();
      }
      fewer["cluster"]["nodes"] = nodes;
    }
    if (brokers) limit_replication(fewer, count);
    return fewer;
  }

  static void renumber_changes(Document& document, const Renumber& renumber) {
    if (!document.contains("workload")) return;
    Document left = Document::array();
    for (Document item : document["workload"]) {
      std::optional<std::int64_t> number = 1;
      for (const char* act : {"add_voter", "remove_voter"}) {
        if (!item.contains(act)) continue;
        number = renumber(item[act]["controller"].get<std::int64_t>());
        if (number) item[act]["controller"] = *number;
      }
      if (number) left.push_back(std::move(item));
    }
    document["workload"] = std::move(left);
  }

  static void limit_replication(Document& document, std::int64_t brokers) {
    const auto limit = [&](Document& list, const char* within) {
      Document left = Document::array();
      for (Document item : list) {
        if (*within != '\0' && !item.contains(within)) {
          left.push_back(item);
          continue;
        }
        Document& what = *within != '\0' ? item[within] : item;
        what["replication"] = std::min<std::int64_t>(brokers, what.value("replication", std::int64_t{1}));
        if (brokers > 0) left.push_back(item);
      }
      list = left;
    };
    if (document["cluster"].contains("topics")) limit(document["cluster"]["topics"], "");
    if (document.contains("workload")) limit(document["workload"], "create_topics");
  }

  bool fewer_nodes() {
    bool smaller = fewer_of("brokers", 0);
    smaller |= fewer_observers();
    smaller |= fewer_of("controllers", 1);
    return smaller;
  }

  bool fewer_observers() {
    const Pointer observers("/cluster/controllers/observers");
    const std::int64_t voters = count_of(best_, "controllers");
    for (std::int64_t count = 0; count < best_.value(observers, std::int64_t{0}); ++count) {
      const Renumber drop = [&](std::int64_t number) {
        return number <= voters + count ? std::optional(number) : std::nullopt;
      };
      if (try_removal(with_nodes(best_, "controllers", "observers", count, drop))) return true;
    }
    const std::int64_t all = best_.value(observers, std::int64_t{0});
    for (std::int64_t gone = voters + 1; gone < voters + all; ++gone) {
      const Renumber drop = [&](std::int64_t number) {
        return number == gone ? std::nullopt : std::optional(number > gone ? number - 1 : number);
      };
      if (try_removal(with_nodes(best_, "controllers", "observers", all - 1, drop))) return true;
    }
    return false;
  }

  bool fewer_of(const char* role, std::int64_t least) {
    bool smaller = false;
    for (std::int64_t count = least; count < count_of(best_, role); ++count) {
      // Whoever is too many is taken for another.
      const std::int64_t gone = count_of(best_, role) - count;
      const Renumber fold = [&](std::int64_t number) {
        if (number > count + gone) return std::optional(number - gone);  // an observer
        return std::optional(number <= count ? number : 1);
      };
      if (try_removal(with_nodes(best_, role, "count", count, fold))) smaller = true;
    }
    const std::int64_t count = count_of(best_, role) - 1;
    for (std::int64_t gone = 1; count >= least && gone <= count + 1; ++gone) {
      const Renumber close_ranks = [gone](std::int64_t number) {
        return number == gone ? std::nullopt : std::optional(number < gone ? number : number - 1);
      };
      if (try_removal(with_nodes(best_, role, "count", count, close_ranks))) return true;
    }
    return smaller;
  }

  // ---- load and settings ----

  /// Everything that a scenario can do without, as pointers; lists from their end, so that pointers stay right.
  [[nodiscard]] std::vector<Pointer> dispensable() const {
    std::vector<Pointer> all;
    const auto members_of = [&](const std::string& pointer) {
      if (!best_.contains(Pointer(pointer))) return;
      const Document& value = best_.at(Pointer(pointer));
      if (value.is_object()) {
        for (const auto& member : value.items()) all.push_back(Pointer(pointer) / member.key());
      }
      for (std::size_t i = value.is_array() ? value.size() : 0; i > 0; --i) all.push_back(Pointer(pointer) / (i - 1));
    };
    for (const char* whole : {"/liveness", "/liveness/core", "/network", "/disk", "/service", "/profile",
                              "/cluster/nodes", "/cluster/brokers/config", "/cluster/controllers/config",
                              "/cluster/controllers/kraft_version"}) {
      if (best_.contains(Pointer(whole))) all.emplace_back(whole);
    }
    const std::size_t loads = best_.value("workload", Document::array()).size();
    for (std::size_t i = 0; i < loads; ++i) {
      for (const auto& act : best_["workload"][i].items()) members_of(fmt::format("/workload/{}/{}", i, act.key()));
    }
    for (const char* list : {"/workload", "/cluster/topics", "/cluster/nodes", "/network", "/service",
                             "/cluster/brokers/config", "/cluster/controllers/config"}) {
      members_of(list);
    }
    const Document& faults = best_["faults"];
    for (std::size_t i = 0; i < faults.size(); ++i) {
      for (const auto& part : faults[i].items()) {
        const std::string at = fmt::format("/faults/{}/{}", i, part.key());
        if (!part.value().is_object()) {
          if (part.key() != "at") all.emplace_back(at);
          continue;
        }
        for (const auto& member : part.value().items()) {
          const std::string place = at + "/" + member.key();
          members_of(place);
          for (std::size_t list = 0; member.value().is_array() && list < member.value().size(); ++list) {
            members_of(fmt::format("{}/{}", place, list));
          }
          // Without its length a fault would last to the end.
          if (member.key() != "for") all.emplace_back(place);
        }
      }
    }
    return all;
  }

  bool drop_settings() {
    bool smaller = false;
    for (const Pointer& pointer : dispensable()) {
      if (!best_.contains(pointer)) continue;
      Document candidate = best_;
      Document& parent = candidate.at(pointer.parent_pointer());
      if (parent.is_array()) {
        parent.erase(static_cast<std::size_t>(std::stoul(pointer.back())));
      } else {
        parent.erase(pointer.back());
      }
      smaller |= try_removal(std::move(candidate));
    }
    if (best_["replay"].value("shuffle_ties", false)) {
      Document candidate = best_;
      candidate["replay"].erase("shuffle_ties");
      smaller |= try_removal(std::move(candidate));
    }
    return smaller;
  }

  // ---- what reads more easily ----

  /// Shorter faults and round times. Each step makes a text or a length smaller, so this ends.
  bool simplify() {
    bool simpler = false;
    for (std::size_t i = 0; i < best_["faults"].size(); ++i) {
      simpler |= rounder(Pointer(fmt::format("/faults/{}/at", i)));
      Document fault = best_["faults"][i];
      for (const auto& act : fault.items()) {
        if (!act.value().is_object()) continue;
        for (const char* key : {"for", "restart_after", "fsync", "write"}) {
          simpler |= rounder(Pointer(fmt::format("/faults/{}/{}/{}", i, act.key(), key)));
        }
      }
    }
    for (const char* pointer : {"/warm_up", "/cluster/topics/0/count", "/cluster/topics/0/partitions"}) {
      const Pointer at(pointer);
      if (!best_.contains(at)) continue;
      Document candidate = best_;
      candidate[at] = candidate[at].is_string() ? Document("0s") : Document(1);
      if (candidate != best_) simpler |= fails(candidate);
    }
    return simpler;
  }

  bool rounder(const Pointer& pointer) {
    if (!best_.contains(pointer) || !best_[pointer].is_string()) return false;
    const std::string now = best_[pointer].get<std::string>();
    const auto length = parse_duration(now);
    if (!length.value) return false;
    for (const std::int64_t unit_ms : {1000, 500, 100, 50, 10, 1}) {
      const Duration unit = std::chrono::milliseconds(unit_ms);
      const std::string text = duration_value((*length.value + unit / 2) / unit * unit);
      if (text.size() >= now.size() || text == "0s") continue;
      Document candidate = best_;
      candidate[pointer] = text;
      if (fails(candidate)) return true;
    }
    return false;
  }

  void note() {
    for (const char* whole :
         {"/workload", "/cluster/topics", "/cluster/brokers/config", "/cluster/controllers/config"}) {
      const Pointer at(whole);
      if (best_.contains(at) && best_[at].empty()) best_.at(at.parent_pointer()).erase(at.back());
    }
    best_["description"] = fmt::format("Shrunk from {}: breaks {}.", best_.value("name", path_), *best_run_.invariant);
    best_["replay"]["invariant"] = *best_run_.invariant;
    best_["replay"]["digest"] = kraft::hex(best_run_.digest);
  }

  std::string path_;
  const ShrinkOptions& options_;
  std::uint64_t seeds_ = options_.other_seeds;  // with which a removal is tried beside its own
  Document best_;
  RunResult best_run_;
  std::string wanted_;
  std::set<std::uint64_t> refused_;  // digests of candidates
  bool minimal_ = false;  // nothing was left out so far
  std::uint64_t runs_ = 0;
};

}  // namespace

ScenarioSize size_of(const Document& document) {
  const auto entries = [&](const char* pointer) {
    return document.contains(Pointer(pointer)) ? document.at(Pointer(pointer)).size() : 0;
  };
  const std::int64_t observers = document.value(Pointer("/cluster/controllers/observers"), std::int64_t{0});
  const std::int64_t nodes = count_of(document, "controllers") + observers + count_of(document, "brokers");
  return {entries("/faults"), static_cast<std::size_t>(nodes), entries("/workload") + entries("/cluster/topics")};
}

ShrinkResult shrink(const Document& document, const std::string& path, const ShrinkOptions& options) {
  return Shrinker(document, path, options).shrink();
}

}  // namespace kraftsim::scenario

// The four forms of one result. Only counts and failures are known of a swarm, so all of them are short.
#include "sim/report/swarm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "sim/report/layout.hpp"
#include "sim/scenario/shell_word.hpp"

namespace kraftsim::report {
namespace {

using Json = nlohmann::ordered_json;
using scenario::ShrinkResult;
using scenario::SwarmFailure;
using scenario::SwarmResult;
using enum Table::Align;

constexpr std::size_t kMostShown = 20;

std::string reproduce_line(const SwarmFailure& failure) {
  return fmt::format("kraftsim swarm --seeds {}", failure.seed);
}

std::string size_text(const scenario::ScenarioSize& size) {
  return count_text(size.faults, "fault", "faults") + ", " + count_text(size.nodes, "node", "nodes");
}

const Kept* kept(const SwarmFacts& facts, std::uint64_t seed) {
  const auto found = std::ranges::find(facts.kept, seed, &Kept::seed);
  return found == facts.kept.end() ? nullptr : &*found;
}

std::string failure_text(const SwarmFacts& facts, const SwarmFailure& failure, const Paint& paint) {
  std::string text = fmt::format("{}  seed {}  at t={}\n  invariant  {}\n  detail     {}\n", paint.bad("FAIL"),
                                 failure.seed, line(failure.violated_at), failure.invariant, failure.detail);
  if (const Kept* files = kept(facts, failure.seed)) {
    text += fmt::format("  scenario   {}\n", files->path);
    if (files->result) {
      text += fmt::format("  shrunk     {}\n", shrunk_text(*files->result));
      text += fmt::format("  replay     kraftsim replay {}\n", scenario::shell_word(files->shrunk));
    }
  }
  return text + fmt::format("  reproduce  {}\n", reproduce_line(failure));
}

Json size_json(const scenario::ScenarioSize& size) {
  return {{"faults", size.faults}, {"nodes", size.nodes}, {"load", size.load}};
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

/// As the runner of a workflow wants the text of its commands.
std::string one_line(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '%': result += "%25"; break;
      case '\r': result += "%0D"; break;
      case '\n': result += "%0A"; break;
      default: result += c;
    }
  }
  return result;
}

std::string unmet_text(const SwarmResult& result) {
  std::string names;
  for (const check::Marker marker : result.unmet()) names += (names.empty() ? "" : ", ") + line(marker);
  return names;
}

}  // namespace

std::string shrunk_text(const ShrinkResult& result) {
  return fmt::format("{} -> {}{}; {}", size_text(result.before), size_text(result.after),
                     result.minimal ? ", 1-minimal" : ", cut short", count_text(result.runs, "run", "runs"));
}

std::string swarm_text(const Build& build, const SwarmFacts& facts, const SwarmResult& result,
                       const TextOptions& options) {
  const Paint paint(options.colour);
  std::string text;
  for (std::size_t i = 0; i < std::min(kMostShown, result.failures.size()); ++i) {
    text += failure_text(facts, result.failures[i], paint) + "\n";
  }
  if (result.failures.size() > kMostShown) {
    text += fmt::format("and {} more failing seeds\n\n", result.failures.size() - kMostShown);
  }
  Table faults({kLeft, kRight});
  faults.row({"runs with", ""});
  for (const auto& [kind, runs] : result.faults) faults.row({kind, count_text(runs)});
  text += faults.text(2) + "\n";
  Table markers({kLeft, kRight});
  markers.row({"runs that met", ""});
  for (std::size_t i = 0; i < check::kMarkers; ++i) {
    markers.row({std::string(check::marker_names()[i].name), count_text(result.markers[i])});
  }
  text += markers.text(2) + "\n";
  const std::string never = unmet_text(result);
  if (!never.empty()) text += paint.doubtful("never met, though so many runs should have: " + never) + "\n";
  for (const auto& [reason, runs] : result.inconclusive) {
    text += fmt::format("  inconclusive {}: {}\n", count_text(runs), reason);
  }
  text += fmt::format("seeds {}-{}: {}, {} held, {} violated, {} inconclusive\n", facts.seeds.first, facts.seeds.last,
                      count_text(result.runs(), "run", "runs"), count_text(result.held), count_text(result.violated),
                      count_text(result.runs() - result.held - result.violated));
  const double s = static_cast<double>(facts.wall_ns) / 1e9;
  text += fmt::format("{}, {} simulated, {:.1f} s, {:.0f} runs/s, digest {}\n",
                      count_text(result.events, "event", "events"), duration_text(result.simulated.count()), s,
                      static_cast<double>(result.runs()) / std::max(s, 1e-9), kraft::hex(result.digest));
  return text + fmt::format("kraftsim {} ({}, {})\n", build.version, build.commit, build.compiler);
}

std::string swarm_json(const Build& build, const SwarmFacts& facts, const SwarmResult& result) {
  Json failures = Json::array();
  for (const SwarmFailure& failure : result.failures) {
    Json one{{"seed", std::to_string(failure.seed)},
             {"invariant", failure.invariant},
             {"detail", failure.detail},
             {"violated_at_ns", kraft::nanos(failure.violated_at)},
             {"digest", kraft::hex(failure.digest)},
             {"reproduce", reproduce_line(failure)},
             {"scenario", nullptr},
             {"shrunk", nullptr}};
    if (const Kept* files = kept(facts, failure.seed)) {
      one["scenario"] = files->path;
      if (files->result) {
        one["shrunk"] = {{"path", files->shrunk},
                         {"before", size_json(files->result->before)},
                         {"after", size_json(files->result->after)},
                         {"minimal", files->result->minimal},
                         {"runs", files->result->runs},
                         {"replay", fmt::format("kraftsim replay {}", files->shrunk)}};
      }
    }
    failures.push_back(std::move(one));
  }
  Json inconclusive = Json::object();
  for (const auto& [reason, runs] : result.inconclusive) inconclusive[reason] = runs;
  Json faults = Json::object();
  for (const auto& [kind, runs] : result.faults) faults[kind] = runs;
  Json markers = Json::object();
  for (std::size_t i = 0; i < check::kMarkers; ++i) markers[check::marker_names()[i].name] = result.markers[i];
  Json unmet = Json::array();
  for (const check::Marker marker : result.unmet()) unmet.push_back(line(marker));
  const Json json{{"kraftsim", {{"version", build.version}, {"commit", build.commit}, {"compiler", build.compiler}}},
                  {"seeds", {{"first", std::to_string(facts.seeds.first)}, {"last", std::to_string(facts.seeds.last)}}},
                  {"interrupted", result.interrupted},
                  {"runs", result.runs()},
                  {"held", result.held},
                  {"violated", result.violated},
                  {"inconclusive", std::move(inconclusive)},
                  {"events", result.events},
                  {"simulated_ns", result.simulated.count()},
                  {"wall_ns", facts.wall_ns},
                  {"digest", kraft::hex(result.digest)},
                  {"runs_with_fault", std::move(faults)},
                  {"runs_with_marker", std::move(markers)},
                  {"unmet", std::move(unmet)},
                  {"failures", std::move(failures)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string swarm_junit(const SwarmFacts& facts, const SwarmResult& result) {
  const double s = static_cast<double>(facts.wall_ns) / 1e9;
  const std::string never = unmet_text(result);
  const std::size_t failures = result.failures.size() + (never.empty() ? 0 : 1);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "<testsuite name=\"swarm\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n"
      "<testcase classname=\"swarm\" name=\"{} of seeds {}-{} held\" time=\"{:.3f}\"/>\n",
      failures + 1, failures, s, result.held, facts.seeds.first, facts.seeds.last, s);
  for (const SwarmFailure& failure : result.failures) {
    text += fmt::format("<testcase classname=\"swarm\" name=\"seed {}\">\n<failure message=\"{}\">{}</failure>\n"
                        "</testcase>\n",
                        failure.seed, escaped(failure.invariant),
                        escaped(failure.detail + "\nreproduce: " + reproduce_line(failure)));
  }
  if (!never.empty()) {
    text += fmt::format("<testcase classname=\"swarm\" name=\"markers\">\n<failure message=\"never met\">{}</failure>\n"
                        "</testcase>\n",
                        escaped(never));
  }
  return text + "</testsuite>\n</testsuites>\n";
}

std::string swarm_annotations(const SwarmResult& result) {
  std::string text;
  for (const SwarmFailure& failure : result.failures) {
    text += fmt::format("::error title=swarm seed {}: {}::{}\n", failure.seed, failure.invariant,
                        one_line(failure.detail + "; " + reproduce_line(failure)));
  }
  if (const std::string never = unmet_text(result); !never.empty()) {
    text += fmt::format("::error title=swarm: markers never met::{}\n", one_line(never));
  }
  return text;
}

}  // namespace kraftsim::report

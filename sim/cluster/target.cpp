// Targets as text. One table holds every form, so that parsing, printing and error messages cannot differ.
// Whom a target means is for the coordination to say.
#include "sim/cluster/target.hpp"

#include <array>
#include <charconv>

namespace kraftsim::cluster {

namespace {

struct Form {
  Target::Kind kind;
  std::string_view text;  // up to and including the colon, if a number follows
  bool numbered = false;
};
constexpr std::array<Form, 11> kForms{{
    {Target::Kind::kController, "controller:", true},
    {Target::Kind::kZookeeper, "zookeeper:", true},
    {Target::Kind::kCoordinator, "coordinator:", true},
    {Target::Kind::kBroker, "broker:", true},
    {Target::Kind::kLeader, "coordinator:leader"},
    {Target::Kind::kActiveController, "active_controller"},
    {Target::Kind::kAnyFollower, "follower:any"},
    {Target::Kind::kAnyBroker, "broker:any"},
    {Target::Kind::kAllBrokers, "brokers"},
    {Target::Kind::kAllCoordinators, "coordinators"},
    {Target::Kind::kEverything, "*"},
}};

/// Digits only, from 1; no sign, no leading zero.
std::optional<std::int32_t> parse_number(std::string_view digits) {
  std::int32_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stop != end || digits.front() < '1' || digits.front() > '9') return std::nullopt;
  return number;
}

}  // namespace

std::string line(const Target& target) {
  for (const Form& form : kForms) {
    if (form.kind != target.kind) continue;
    return std::string(form.text) + (form.numbered ? std::to_string(target.number) : "");
  }
  return {};
}

std::optional<Target> parse_target(std::string_view text) {
  for (const Form& form : kForms) {
    if (!form.numbered && text == form.text) return Target{.kind = form.kind, .number = 0};
    if (!form.numbered || !text.starts_with(form.text)) continue;
    if (const auto number = parse_number(text.substr(form.text.size()))) {
      return Target{.kind = form.kind, .number = *number};
    }
  }
  return std::nullopt;
}

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const Form& form : kForms) names.push_back(std::string(form.text) + (form.numbered ? "<n>" : ""));
  return names;
}

}  // namespace kraftsim::cluster

// Targets as text. One table holds every form, so that parsing, printing and error messages cannot differ. Whom a
// target means is for the coordination to say.
#include "sim/cluster/target.hpp"

#include <array>
#include <charconv>

namespace kraftsim::cluster {

namespace {

struct Form {
  Target::Kind kind;
  std::string_view text;  // up to and including the colon, if something follows
  enum class Rest : std::uint8_t { kNone, kNumber, kName } rest = Rest::kNone;  // what follows
};
constexpr std::array<Form, 16> kForms{{
    {Target::Kind::kController, "controller:", Form::Rest::kNumber},
    {Target::Kind::kZookeeper, "zookeeper:", Form::Rest::kNumber},
    {Target::Kind::kCoordinator, "coordinator:", Form::Rest::kNumber},
    {Target::Kind::kBroker, "broker:", Form::Rest::kNumber},
    {Target::Kind::kLeader, "coordinator:leader"},
    {Target::Kind::kActiveController, "active_controller"},
    {Target::Kind::kAnyFollower, "follower:any"},
    {Target::Kind::kAnyBroker, "broker:any"},
    {Target::Kind::kAnyController, "controller:any"},
    {Target::Kind::kAnyCoordinator, "coordinator:any"},
    {Target::Kind::kMajority, "majority"},
    {Target::Kind::kMinority, "minority"},
    {Target::Kind::kAllBrokers, "brokers"},
    {Target::Kind::kAllCoordinators, "coordinators"},
    {Target::Kind::kRack, "rack:", Form::Rest::kName},
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
    switch (form.rest) {
      case Form::Rest::kNone: return std::string(form.text);
      case Form::Rest::kNumber: return std::string(form.text) + std::to_string(target.number);
      case Form::Rest::kName: return std::string(form.text) + target.name;
    }
  }
  return {};
}

std::optional<Target> parse_target(std::string_view text) {
  for (const Form& form : kForms) {
    if (!text.starts_with(form.text)) continue;
    const std::string_view rest = text.substr(form.text.size());
    switch (form.rest) {
      case Form::Rest::kNone:
        if (rest.empty()) return Target{.kind = form.kind};
        break;
      case Form::Rest::kNumber:
        if (const auto number = parse_number(rest)) return Target{.kind = form.kind, .number = *number};
        break;
      case Form::Rest::kName:
        if (!rest.empty()) return Target{.kind = form.kind, .name = std::string(rest)};
        break;
    }
  }
  return std::nullopt;
}

bool is_fixed(const Target& target) {
  switch (target.kind) {
    case Target::Kind::kController:
    case Target::Kind::kZookeeper:
    case Target::Kind::kCoordinator:
    case Target::Kind::kBroker:
    case Target::Kind::kAllBrokers:
    case Target::Kind::kAllCoordinators:
    case Target::Kind::kRack:
    case Target::Kind::kEverything: return true;
    case Target::Kind::kLeader:
    case Target::Kind::kActiveController:
    case Target::Kind::kAnyFollower:
    case Target::Kind::kAnyBroker:
    case Target::Kind::kAnyController:
    case Target::Kind::kAnyCoordinator:
    case Target::Kind::kMajority:
    case Target::Kind::kMinority: return false;
  }
  return false;
}

std::vector<NodeId> draw(std::vector<NodeId> nodes, std::size_t count, kraft::Rng& rng) {
  while (nodes.size() > count) {
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(rng.below(nodes.size())));
  }
  return nodes;
}

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const Form& form : kForms) {
    const bool number = form.rest == Form::Rest::kNumber;
    names.push_back(std::string(form.text) + (number ? "<n>" : form.rest == Form::Rest::kName ? "<name>" : ""));
  }
  return names;
}

}  // namespace kraftsim::cluster

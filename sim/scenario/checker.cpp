// Checking one tree against one object of the field table, key by key, and going on after every mistake. A value is
// read as its kind says (values.hpp) and thrown away: here only the complaints count.
#include "sim/scenario/checker.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/scenario/names.hpp"
#include "sim/scenario/values.hpp"

namespace kraftsim::scenario {
namespace {

using cluster::KeyRole;
using cluster::Target;

/// Where the configuration keys of a role belong in a scenario.
std::string_view home(KeyRole role) {
  switch (role) {
    case KeyRole::kController: return "/cluster/controllers/config";
    case KeyRole::kBroker: return "/cluster/brokers/config";
    case KeyRole::kZookeeperServer: return "/cluster/zookeeper/config";
  }
  return {};
}

/// The roles whose configuration a node of that name can have; none: it is no single node.
std::set<KeyRole> roles_of(const std::optional<Target>& target) {
  if (!target) return {};
  switch (target->kind) {
    case Target::Kind::kController: return {KeyRole::kController};
    case Target::Kind::kZookeeper: return {KeyRole::kZookeeperServer};
    case Target::Kind::kCoordinator: return {KeyRole::kController, KeyRole::kZookeeperServer};
    case Target::Kind::kBroker: return {KeyRole::kBroker};
    case Target::Kind::kLeader:
    case Target::Kind::kActiveController:
    case Target::Kind::kAnyFollower:
    case Target::Kind::kAnyBroker:
    case Target::Kind::kAnyController:
    case Target::Kind::kAnyCoordinator:
    case Target::Kind::kMajority:
    case Target::Kind::kMinority:
    case Target::Kind::kRack:
    case Target::Kind::kAllBrokers:
    case Target::Kind::kAllCoordinators:
    case Target::Kind::kEverything: return {};
  }
  return {};
}

class Checker {
 public:
  explicit Checker(Problems& problems) : problems_(problems), read_(&problems) {}

  void object(const Value& value, const std::string& pointer, const ObjectType& type,
              const std::set<KeyRole>& roles = {}) {
    if (!is(Value::Kind::kObject, "an object {…}", value, pointer)) return;
    for (const Member& member : value.members) {
      const std::string at = pointer_to(pointer, member.name);
      if (const Field* known = type.find(member.name); known != nullptr) {
        field(member.value, at, *known, roles);
      } else {
        unknown(member, at, type);
      }
    }
    for (const Field& needed : type.fields) {
      if (!needed.required || value.find(needed.name) != nullptr) continue;
      problems_.add(value.place, pointer, fmt::format("the key '{}' is missing here: {}", needed.name, needed.what));
    }
    for (const auto& names : type.one_of) one_of(value, pointer, type, names);
  }

 private:
  bool is(Value::Kind kind, std::string_view name, const Value& value, const std::string& pointer) {
    if (value.kind == kind) return true;
    problems_.add(value.place, pointer, fmt::format("{} stands where {} should", describe(value), name));
    return false;
  }

  void unknown(const Member& member, const std::string& pointer, const ObjectType& type) {
    std::vector<std::string> names;
    for (const Field& known : type.fields) names.emplace_back(known.name);
    problems_.add_unknown(member.name_place, pointer,
                          fmt::format("unknown key '{}'; the keys here are {}", shown(member.name),
                                      fmt::join(names, ", ")),
                          member.name, names);
  }

  void one_of(const Value& value, const std::string& pointer, const ObjectType& type,
              const std::vector<std::string_view>& names) {
    const auto present = std::count_if(names.begin(), names.end(),
                                       [&](std::string_view name) { return value.find(name) != nullptr; });
    if (present == 1) return;
    // An unknown key is most likely the one that is missing, misspelt, and has been reported.
    const bool excused = present == 0 && std::any_of(value.members.begin(), value.members.end(), [&](const Member& m) {
      return type.find(m.name) == nullptr;
    });
    if (excused) return;
    problems_.add(value.place, pointer, fmt::format("exactly one of {} must be here; there are {}",
                                                    fmt::join(names, ", "), present == 0 ? "none" : "several"));
  }

  void field(const Value& value, const std::string& pointer, const Field& known, const std::set<KeyRole>& roles) {
    switch (known.shape) {
      case Shape::kOne: return one(value, pointer, known, roles);
      case Shape::kOneOrList:
        if (value.kind != Value::Kind::kArray) return one(value, pointer, known, roles);
        if (value.items.empty()) problems_.add(value.place, pointer, "this list is empty; name at least one");
        return list(value, pointer, known, roles);
      case Shape::kList: return list(value, pointer, known, roles);
      case Shape::kListOfLists: return list_of_lists(value, pointer, known, roles);
    }
  }

  void list(const Value& value, const std::string& pointer, const Field& known, const std::set<KeyRole>& roles) {
    if (!is(Value::Kind::kArray, "a list […]", value, pointer)) return;
    for (std::size_t i = 0; i < value.items.size(); ++i) one(value.items[i], pointer_to(pointer, i), known, roles);
  }

  void list_of_lists(const Value& value, const std::string& pointer, const Field& known,
                     const std::set<KeyRole>& roles) {
    if (!is(Value::Kind::kArray, "a list of lists [[…], […]]", value, pointer)) return;
    for (std::size_t i = 0; i < value.items.size(); ++i) list(value.items[i], pointer_to(pointer, i), known, roles);
  }

  void one(const Value& value, const std::string& pointer, const Field& known, const std::set<KeyRole>& roles) {
    switch (known.kind) {
      case Kind::kText: read_.text(value, pointer); return;
      case Kind::kBoolean: read_.boolean(value, pointer); return;
      case Kind::kInteger: read_.integer(value, pointer, known.min, known.max); return;
      case Kind::kDuration: read_.duration(value, pointer, kraft::Duration(known.min)); return;
      case Kind::kDurationRange: read_.range(value, pointer); return;
      case Kind::kSpan: read_.span(value, pointer); return;
      case Kind::kLatency: read_.latency(value, pointer); return;
      case Kind::kFraction: read_.fraction(value, pointer); return;
      case Kind::kRate: read_.rate(value, pointer); return;
      case Kind::kTarget: read_.target(value, pointer); return;
      case Kind::kChoice: read_.choice(value, pointer, known); return;
      case Kind::kConfig: return config(value, pointer, roles.empty() ? std::set{known.role} : roles);
      case Kind::kService: return service(value, pointer);
      case Kind::kNodes: return nodes(value, pointer);
      case Kind::kObject: return object(value, pointer, object_type(known.of), roles);
    }
  }

  void config(const Value& value, const std::string& pointer, const std::set<KeyRole>& roles) {
    if (!is(Value::Kind::kObject, "an object {…}", value, pointer)) return;
    for (const Member& member : value.members) {
      const std::string at = pointer_to(pointer, member.name);
      std::vector<std::string> names;
      const cluster::ConfigKey* key = nullptr;    // of one of the roles
      const cluster::ConfigKey* other = nullptr;  // of another role
      for (const KnownKey& known : known_keys()) {
        const bool fits = roles.contains(known.key.role);
        if (fits) names.emplace_back(known.key.name);
        if (known.key.name == member.name) (fits ? key : other) = &known.key;
      }
      if (key != nullptr) {
        read_.config(member.value, at, *key);
      } else if (other != nullptr) {
        problems_.add(member.name_place, at, fmt::format("'{}' is a key of {}; it goes under {}", member.name,
                                                         plural(other->role), home(other->role)));
      } else {
        problems_.add_unknown(member.name_place, at,
                              fmt::format("unknown configuration key '{}'; `kraftsim list config` shows all of {}",
                                          shown(member.name), plural(*roles.begin())),
                              member.name, names);
      }
    }
  }

  void service(const Value& value, const std::string& pointer) {
    if (!is(Value::Kind::kObject, "an object {…}", value, pointer)) return;
    std::vector<std::string> names{"source"};
    for (const KnownService& known : known_services()) names.emplace_back(known.service.name);
    for (const Member& member : value.members) {
      const std::string at = pointer_to(pointer, member.name);
      if (member.name == "source") {
        read_.text(member.value, at);
      } else if (std::find(names.begin(), names.end(), member.name) != names.end()) {
        read_.latency(member.value, at);
      } else {
        problems_.add_unknown(member.name_place, at,
                              fmt::format("unknown kind of work '{}'; `kraftsim list services` shows all",
                                          shown(member.name)),
                              member.name, names);
      }
    }
  }

  void nodes(const Value& value, const std::string& pointer) {
    if (!is(Value::Kind::kObject, "an object {…}", value, pointer)) return;
    for (const Member& member : value.members) {
      const std::string at = pointer_to(pointer, member.name);
      const std::set<KeyRole> roles = roles_of(cluster::parse_target(member.name));
      if (roles.empty()) {
        problems_.add(member.name_place, at,
                      fmt::format("'{}' is no single node; write \"controller:1\", \"zookeeper:1\", \"coordinator:1\" "
                                  "or \"broker:1\"", shown(member.name)),
                      nearest_target(member.name));
      }
      object(member.value, at, object_type("node"),
             roles.empty() ? std::set{KeyRole::kController, KeyRole::kBroker, KeyRole::kZookeeperServer} : roles);
    }
  }

  Problems& problems_;
  ValueReader read_;
};

}  // namespace

void check(const Value& root, const ObjectType& type, Problems& problems) { Checker(problems).object(root, {}, type); }

}  // namespace kraftsim::scenario

// A server's clients: NIOServerCnxn, CommitProcessor and WatchManager of ZooKeeper, as steps.
//
// The answers to one client come in the order of its requests: behind a write that is not answered yet, reads wait.
#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/overloaded.hpp"
#include "sim/zookeeper/server.hpp"

namespace kraftsim::zookeeper {

using kraft::overloaded;

// ---- connecting ----

void Server::receive_connect(Time now, NodeId from, const ConnectRequest& request, Effects& fx) {
  // A server that serves nobody, or knows less than the client has seen, turns it away.
  if (!is_serving() || request.last_zxid > tree_.last_zxid()) {
    fx.respond(from, SocketClosed{request.socket});
    return;
  }
  fx.cpu += costs_.take(Service::kConnect);
  const ConnectionKey key{from, request.socket};
  Socket& socket = sockets_[key];
  socket.timeout = std::clamp(request.timeout, config_.min_session, config_.max_session);
  socket.session = request.session == kNoSession ? SessionId(++next_session_) : request.session;
  if (const auto old = local_.find(socket.session); old != local_.end()) close_socket(ConnectionKey(old->second), fx);
  local_[socket.session] = key;
  if (request.session == kNoSession) {
    to_leader(now, socket.session, 0, OpenSession{socket.timeout}, fx);
  } else if (auto* leading = std::get_if<Leading>(&role_)) {
    revalidated(socket.session, revalidate(now, *leading, socket.session, self_), fx);
  } else {
    fx.request(std::get<Following>(role_).leader, Revalidate{socket.session});
  }
}

void Server::revalidated(SessionId session, bool valid, Effects& fx) {
  const auto local = local_.find(session);
  if (local == local_.end()) return;
  const ConnectionKey key = local->second;
  if (valid) {
    establish(key, sockets_.at(key), fx);
  } else {
    fx.respond(key.node, ConnectResponse{.socket = key.number});  // timeout 0: expired
    forget_socket(key);
  }
}

void Server::establish(ConnectionKey key, Socket& socket, Effects& fx) {
  socket.established = true;
  fx.respond(key.node, ConnectResponse{key.number, socket.session, socket.timeout});
}

void Server::close_socket(ConnectionKey key, Effects& fx) {
  fx.respond(key.node, SocketClosed{key.number});
  forget_socket(key);
}

void Server::forget_socket(ConnectionKey key) {
  const auto socket = sockets_.find(key);
  if (socket == sockets_.end()) return;
  local_.erase(socket->second.session);
  sockets_.erase(socket);
  for (auto it = watches_.begin(); it != watches_.end();) {
    it->second.erase(key);
    it = it->second.empty() ? watches_.erase(it) : std::next(it);
  }
}

void Server::close_all_sockets(Effects& fx) {
  for (const auto& [key, socket] : sockets_) fx.respond(key.node, SocketClosed{key.number});
  sockets_.clear();
  local_.clear();
  watches_.clear();
}

// ---- requests ----

void Server::touch(Time now, SessionId session) {
  std::visit(overloaded{
                 [](Looking&) {},
                 [&](Following& following) { following.touched.insert(session); },
                 [&](Leading& leading) { leading.tracker.touch(now, session); },
             },
             role_);
}

void Server::receive_request(Time now, ConnectionKey key, const ClientRequest& request, Effects& fx) {
  const auto found = sockets_.find(key);
  if (found == sockets_.end()) return;
  Socket& socket = found->second;
  touch(now, socket.session);
  const auto* read = std::get_if<Read>(&request.request);
  if (read != nullptr && socket.pending.empty()) {
    answer_read(key, request.xid, *read, fx);
    return;
  }
  socket.pending.push_back({request.xid, request.request});
  if (read == nullptr) to_leader(now, socket.session, request.xid, request.request, fx);
}

void Server::to_leader(Time now, SessionId session, std::int64_t xid, std::variant<Request, OpenSession> request,
                       Effects& fx) {
  if (auto* leading = std::get_if<Leading>(&role_)) {
    prepare(now, *leading, self_, session, xid, request, fx);
  } else {
    fx.request(std::get<Following>(role_).leader, Forward{session, xid, std::move(request)});
  }
}

void Server::answer_read(ConnectionKey key, std::int64_t xid, const Read& read, Effects& fx) {
  fx.cpu += costs_.take(Service::kRead);
  Result result = tree_.read(read);
  // A data watch needs its znode; exists() also watches for one to come (ZooKeeper's WatchRegistration).
  if (read.watch && (result.error == Error::kNone || read.what == Read::What::kExists)) {
    const WatchKind kind = read.what == Read::What::kChildren ? WatchKind::kChildren : WatchKind::kNode;
    watches_[{kind, read.path}].insert(key);
  }
  fx.respond(key.node, ClientReply{key.number, xid, tree_.last_zxid(), std::move(result)});
}

void Server::answer_transaction(const Txn& txn, Effects& fx) {
  const auto local = local_.find(txn.session);
  if (local == local_.end()) return;
  const ConnectionKey key = local->second;
  Socket& socket = sockets_.at(key);
  if (std::holds_alternative<OpenSession>(txn.body)) {
    establish(key, socket, fx);
    return;
  }
  if (!socket.pending.empty() && socket.pending.front().xid == txn.xid) {
    Result result{.created = txn.zxid};
    if (const auto* refused = std::get_if<Refused>(&txn.body)) {
      result.error = refused->error;
      result.failed = refused->failed;
    }
    fx.respond(key.node, ClientReply{key.number, txn.xid, txn.zxid, std::move(result)});
    socket.pending.pop_front();
    while (!socket.pending.empty() && std::holds_alternative<Read>(socket.pending.front().request)) {
      answer_read(key, socket.pending.front().xid, std::get<Read>(socket.pending.front().request), fx);
      socket.pending.pop_front();
    }
  }
  if (std::holds_alternative<EndSession>(txn.body)) close_socket(key, fx);
}

// ---- watches ----

void Server::set_watches(ConnectionKey key, const SetWatches& request, Effects& fx) {
  const auto found = sockets_.find(key);
  if (found == sockets_.end()) return;
  fx.cpu += costs_.take(Service::kRead);
  for (const auto& [watch, existed] : request.watches) {
    const Znode* znode = tree_.find(watch.path);
    const bool of_children = watch.kind == WatchKind::kChildren;
    const bool changed =
        znode != nullptr && (of_children ? znode->children_modified : znode->modified) > request.since;
    if (existed != (znode != nullptr) || changed) {
      fx.respond(key.node, WatchEvent{key.number, watch});
    } else {
      watches_[watch].insert(key);
    }
  }
}

void Server::fire_watches(const std::vector<Path>& touched, Zxid zxid, Effects& fx) {
  for (const Path& path : touched) {
    fire({WatchKind::kNode, path}, fx);
    const Znode* znode = tree_.find(path);
    const bool came_or_went = znode == nullptr || znode->created == zxid;
    if (const auto parent = listed_parent(path); came_or_went && parent) fire({WatchKind::kChildren, *parent}, fx);
  }
}

void Server::fire(const Watch& watch, Effects& fx) {
  const auto watchers = watches_.extract(watch);  // one shot
  if (watchers.empty()) return;
  for (const ConnectionKey& key : watchers.mapped()) fx.respond(key.node, WatchEvent{key.number, watch});
}

}  // namespace kraftsim::zookeeper

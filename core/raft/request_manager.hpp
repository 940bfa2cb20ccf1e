// RequestManager: the state of the connection to each peer (Kafka's class of that name). One request in flight per
// destination; a pause after a failure; a response counts only if it answers what is in flight. The bootstrap servers
// are known from the start; whoever else is asked, a voter or a leader that it was told of, from then on.
//
// All connections are reset on every change of the replica's state, and with that every answer to a question of an
// earlier role or round is stale by its correlation id. It must not know what requests say.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace kraft::raft {

class RequestManager {
 public:
  /// Correlation ids count on from the clock's nanoseconds at `start`: a node that restarts does not take the answer to
  /// a request of its earlier life, which its leader may have parked, for that of a later one.
  RequestManager(const std::vector<NodeId>& bootstrap_servers, Duration request_timeout, Duration retry_backoff,
                 Time start);

  /// Nothing that was asked is awaited any more. The connections themselves stay, and who never answers on one is still
  /// found out.
  void reset_all();
  /// A request to `peer`, which must be ready, leaves now: its correlation id.
  [[nodiscard]] CorrelationId on_send(NodeId peer, Time now);
  /// An answer came, to be noted before anything else is made of it; true if it is the one awaited.
  [[nodiscard]] bool on_answer(NodeId peer, CorrelationId id);
  /// The one in flight was answered; a failure closes the connection for the back-off. Stale answers change nothing.
  void on_response(NodeId peer, CorrelationId id, bool success, Time now);
  /// What was in flight there has failed.
  void on_disconnect(NodeId peer, Time now);
  /// Ends what is over: back-offs, and requests that timed out, whose peers are added to `timed_out`: their connections
  /// are to be closed.
  void expire(Time now, std::vector<NodeId>& timed_out);

  [[nodiscard]] bool is_ready(NodeId peer) const;
  [[nodiscard]] bool is_expected(NodeId peer, CorrelationId id) const;
  [[nodiscard]] bool has_any_in_flight() const;
  [[nodiscard]] bool is_bootstrap(NodeId peer) const;
  /// One of the bootstrap servers and of `others`, among those that are ready, drawn; none if there is none.
  [[nodiscard]] std::optional<NodeId> random_ready(Rng& rng, const std::vector<NodeId>& others = {}) const;
  /// When `expire` has something to end that holds the replica up. A connection on which a forgotten request is not
  /// answered can wait until somebody looks.
  [[nodiscard]] Time deadline() const;

 private:
  enum class State : std::uint8_t { kReady, kAwaiting, kBackingOff };
  struct Connection {
    NodeId peer;
    bool is_bootstrap = false;
    State state = State::kReady;
    CorrelationId in_flight{};  // while awaiting
    Time until = kNever;        // of the time-out or of the back-off
    // Of the connection underneath, which hears nothing of resets (Kafka keeps these in its NetworkClient): by when
    // what was asked on it, first and last, must be answered. Without this a replica that changes its role more often
    // than requests time out would never leave a connection on which nothing arrives.
    CorrelationId last_asked{};
    Time last_due = kNever;
    Time first_due = kNever;
  };

  [[nodiscard]] const Connection* find(NodeId peer) const;
  [[nodiscard]] Connection* find(NodeId peer);
  static void open(Connection& connection) {
    connection.state = State::kReady;
    connection.in_flight = {};
    connection.until = kNever;
  }
  void back_off(Connection& connection, Time now);

  boost::container::small_vector<Connection, 4> connections_;
  Duration request_timeout_;
  Duration retry_backoff_;
  CorrelationId last_id_;
};

}  // namespace kraft::raft

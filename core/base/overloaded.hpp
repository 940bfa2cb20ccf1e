// overloaded{...}: one lambda per alternative for std::visit. Where every kind matters there is no catch-all, so that a
// new one fails to compile wherever it is not yet handled.
#pragma once

namespace kraft {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace kraft

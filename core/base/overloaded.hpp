// overloaded{...}: one lambda per alternative for std::visit. There is no catch-all in this code base: a new message
// type must fail to compile wherever it is not yet handled.
#pragma once

namespace kraft {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace kraft

// Ref<T>: shared ownership of something that never changes again (record batches, metadata images, message bodies).
//
// Copying a replica or a whole simulation copies these references and not what they refer to. One pointer wide, one
// allocation; the counter is atomic so that a copied world may run on another thread. Only `const T` is ever reachable.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <utility>

namespace kraft {

/// Base of whatever is held by Ref.
template <class T>
using Shared = boost::intrusive_ref_counter<T, boost::thread_safe_counter>;

template <class T>
using Ref = boost::intrusive_ptr<const T>;

template <class T, class... Args>
[[nodiscard]] Ref<T> share(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace kraft

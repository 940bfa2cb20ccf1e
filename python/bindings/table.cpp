// How Python sees a Column and a Table.
#include "python/bindings/table.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "core/base/overloaded.hpp"

namespace kraftsim::python {
namespace {

namespace py = pybind11;
using kraft::overloaded;

py::buffer_info buffer(const Column& column) {
  const auto describe = [](const auto& values, const char* format) {
    using Element = typename std::decay_t<decltype(values)>::value_type;
    static Element nothing{};  // an empty vector may have no address, and NumPy wants one
    Element* data = values.empty() ? &nothing : const_cast<Element*>(values.data());
    return py::buffer_info(data, sizeof(Element), format, 1,
                           {static_cast<py::ssize_t>(values.size())},
                           {static_cast<py::ssize_t>(sizeof(Element))}, /*readonly=*/true);
  };
  return std::visit(overloaded{[&](const Ints& ints) { return describe(ints, "q"); },
                               [&](const Unsigned& numbers) { return describe(numbers, "Q"); },
                               [&](const Bools& bools) { return describe(bools, "?"); }},
                    column.values);
}

const char* dtype(const Column& column) {
  return std::visit(
      overloaded{[](const Ints&) { return "int64"; }, [](const Unsigned&) { return "uint64"; },
                 [](const Bools&) { return "bool"; }},
      column.values);
}

py::object item(const Column& column, py::ssize_t index) {
  const auto size = static_cast<py::ssize_t>(column.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) throw py::index_error("column index out of range");
  const auto i = static_cast<std::size_t>(index);
  if (column.valid && std::get<Bools>(column.valid->values)[i] == 0) return py::none();
  return std::visit(
      overloaded{[&](const Ints& ints) -> py::object { return py::int_(ints[i]); },
                 [&](const Unsigned& numbers) -> py::object { return py::int_(numbers[i]); },
                 [&](const Bools& bools) -> py::object { return py::bool_(bools[i] != 0); }},
      column.values);
}

const std::string& name_of(const std::variant<ColumnPtr, TextColumn>& column) {
  return std::visit(
      overloaded{[](const ColumnPtr& numbers) -> const std::string& { return numbers->name; },
                 [](const TextColumn& texts) -> const std::string& { return texts.name; }},
      column);
}

py::object get(const Table& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, name_of);
  if (found == table.columns.end()) throw py::key_error(name);
  return std::visit(overloaded{[](const ColumnPtr& numbers) { return py::cast(numbers); },
                               [](const TextColumn& texts) -> py::object {
                                 return py::tuple(py::cast(texts.values));
                               }},
                    *found);
}

bool contains(const Table& table, const std::string& name) {
  return std::ranges::find(table.columns, name, name_of) != table.columns.end();
}

py::tuple names(const Table& table) {
  py::list out;
  for (const auto& column : table.columns) out.append(name_of(column));
  return py::tuple(out);
}

// Missing values become NA in pandas' nullable integers: a float column would round nanoseconds.
py::object to_pandas(const Table& table) {
  const py::object asarray = py::module_::import("numpy").attr("asarray");
  const py::module_ pandas = py::module_::import("pandas");
  const auto series = [&](const ColumnPtr& numbers) -> py::object {
    const py::object values = asarray(numbers);
    if (!numbers->valid) return values;
    const py::object missing = ~py::object(asarray(numbers->valid));
    return pandas.attr("arrays").attr("IntegerArray")(values, missing);
  };
  py::dict columns;
  for (const auto& column : table.columns) {
    columns[py::str(name_of(column))] = std::visit(
        overloaded{series, [](const TextColumn& texts) { return py::cast(texts.values); }}, column);
  }
  return pandas.attr("DataFrame")(columns);
}

std::string repr(const Column& column) {
  return fmt::format("<column {} {}[{}]{}{}>", column.name, dtype(column), column.size(),
                     column.unit.empty() ? "" : " ", column.unit);
}

std::string repr(const Table& table) {
  std::string out = fmt::format("<table {}[{}]:", table.name, table.rows());
  for (const auto& column : table.columns) out += " " + name_of(column);
  return out + ">";
}

}  // namespace

std::size_t Column::size() const {
  return std::visit([](const auto& some) { return some.size(); }, values);
}

std::size_t Table::rows() const {
  if (columns.empty()) return 0;
  return std::visit(overloaded{[](const ColumnPtr& numbers) { return numbers->size(); },
                               [](const TextColumn& texts) { return texts.values.size(); }},
                    columns.front());
}

ColumnPtr Table::find(std::string_view column_name) const {
  for (const auto& column : columns) {
    const auto* numbers = std::get_if<ColumnPtr>(&column);
    if (numbers != nullptr && (*numbers)->name == column_name) return *numbers;
  }
  return nullptr;
}

void bind_table(py::module_& module) {
  py::class_<Column, std::shared_ptr<Column>>(
      module, "Column", py::buffer_protocol(),
      "One column of a result, read-only, shape (rows,).\n\n"
      "`numpy.asarray(column)` and `memoryview(column)` copy nothing, cannot be written to, and\n"
      "keep the memory alive. As a sequence it gives int or bool, and None where there is no "
      "value.")
      .def_buffer(&buffer)
      .def("__len__", &Column::size)
      .def("__getitem__", &item, py::arg("index"))
      .def("__repr__", py::overload_cast<const Column&>(&repr))
      .def_readonly("name", &Column::name)
      .def_readonly("unit", &Column::unit,
                    "'ns' of simulated time, 'partition ns', 'count', or ''.")
      .def_property_readonly("dtype", &dtype, "'int64', 'uint64' or 'bool', as NumPy calls them.")
      .def_readonly("valid", &Column::valid,
                    "A bool column of the same shape that is True where there is a value, or None\n"
                    "where none can be missing. Where it is False, the buffer holds\n"
                    "kraftsim.MISSING.");

  py::class_<Table, std::shared_ptr<Table>>(
      module, "Table",
      "Columns of equal length in a fixed order, by name: a read-only mapping. Numbers come as\n"
      "`Column`, text as a tuple of str.")
      .def("__len__", &Table::rows, "The number of rows.")
      .def("__getitem__", &get, py::arg("name"),
           "The column; KeyError if there is none of that name.")
      .def("__contains__", &contains)
      .def("__iter__", [](const Table& table) { return py::iter(names(table)); })
      .def("keys", &names, "The columns' names, in order.")
      .def("to_pandas", &to_pandas,
           "A pandas.DataFrame with the same columns, missing values as NA of the nullable Int64.\n"
           "Raises ImportError where there is no pandas.")
      .def("__repr__", py::overload_cast<const Table&>(&repr));
  module.attr("MISSING") = kMissing;
}

}  // namespace kraftsim::python

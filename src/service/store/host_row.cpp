#include "service/store/host_row.hpp"

namespace drukbox::service {
namespace {

/// Calls `each` with every column and what belongs to it.
template <class Values, class Each>
void with_columns(Values& values, Each each)
{
    const auto visit = [&]<std::size_t... I>(std::index_sequence<I...>) {
        (each(std::get<I>(host_columns), std::get<I>(values)), ...);
    };
    visit(std::make_index_sequence<std::tuple_size_v<decltype(host_columns)>>{});
}

} // namespace

std::string host_column_names(std::string_view before_each)
{
    std::string names;
    const auto add = [&](std::string_view name) {
        names.append(names.empty() ? "" : ", ").append(before_each).append(name);
    };
    std::apply([&](const auto&... column) { (add(column.name), ...); }, host_columns);
    return names;
}

void Bound<Host>::set(const Host& host)
{
    with_columns(values_, [&](const auto& column, auto& value) { value.set(column.get(host)); });
}

Host Bound<Host>::get() const
{
    Host host;
    with_columns(values_, [&](const auto& column, const auto& value) { column.set(host, value.get()); });
    return host;
}

void Bound<Host>::read_with(soci::statement& statement)
{
    std::apply([&](auto&... value) { (value.read_with(statement), ...); }, values_);
}

void Bound<Host>::write_with(soci::statement& statement)
{
    std::apply([&](auto&... value) { (value.write_with(statement), ...); }, values_);
}

} // namespace drukbox::service

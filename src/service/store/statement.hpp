#pragma once

#include "service/store/codec.hpp"
#include "service/store/session.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace drukbox::service {

/// A variable bound to a statement. What its Codec makes of it is an int, a long long or a string; an
/// optional one may be NULL.
template <class T>
class Bound
{
public:
    void set(const T& given) { stored_ = Codec<T>::encode(given); }

    [[nodiscard]] decltype(auto) get() const { return Codec<T>::decode(stored_); }

    void read_with(soci::statement& statement) { statement.exchange(soci::into(stored_)); }

    void write_with(soci::statement& statement) { statement.exchange(soci::use(stored_)); }

private:
    typename Codec<T>::Stored stored_{};
};

template <class T>
class Bound<std::optional<T>>
{
public:
    void set(const std::optional<T>& given)
    {
        state_ = given ? soci::i_ok : soci::i_null;
        if (given) {
            stored_ = Codec<T>::encode(*given);
        }
    }

    [[nodiscard]] std::optional<T> get() const
    {
        return state_ == soci::i_ok ? std::optional<T>{Codec<T>::decode(stored_)} : std::nullopt;
    }

    void read_with(soci::statement& statement) { statement.exchange(soci::into(stored_, state_)); }

    void write_with(soci::statement& statement) { statement.exchange(soci::use(stored_, state_)); }

private:
    typename Codec<T>::Stored stored_{};
    soci::indicator state_ = soci::i_null;
};

/// What a statement returns: a column of each type, in this order.
template <class... Types>
class Columns
{
public:
    void read_with(soci::statement& statement)
    {
        std::apply([&](auto&... column) { (column.read_with(statement), ...); }, columns_);
    }

    /// Calls `each` with the values of the present row.
    template <class Each>
    void give_to(Each& each) const
    {
        std::apply([&](const auto&... column) { each(column.get()...); }, columns_);
    }

private:
    std::tuple<Bound<Types>...> columns_;
};

namespace detail {

template <class Row, class... Values>
class KeptStatement final : public Session::Kept
{
public:
    KeptStatement(Session& sql, const std::string& text)
        : statement_(sql)
    {
        row_.read_with(statement_);
        std::apply([this](auto&... value) { (value.write_with(statement_), ...); }, values_);
        statement_.alloc();
        statement_.prepare(text);
        statement_.define_and_bind();
    }

    long long execute(const Values&... values)
    {
        set(values...);
        statement_.execute(true);
        return statement_.get_affected_rows();
    }

    /// Reads to the end: a statement left in the middle would hold its snapshot.
    template <class Each>
    void query(Each& each, const Values&... values)
    {
        set(values...);
        for (bool more = statement_.execute(true); more; more = statement_.fetch()) {
            try {
                row_.give_to(each);
            } catch (...) {
                while (statement_.fetch()) {
                }
                throw;
            }
        }
    }

private:
    void set(const Values&... values)
    {
        std::apply([&](auto&... bound) { (bound.set(values), ...); }, values_);
    }

    Row row_;
    std::tuple<Bound<Values>...> values_;
    soci::statement statement_;
};

} // namespace detail

/// Executes a statement that returns no rows, with values for its marks in their order; returns how many rows
/// it changed.
template <class... Values>
long long execute(Session& sql, std::string_view text, const Values&... values)
{
    return sql.keep<detail::KeptStatement<Columns<>, Values...>>(text).execute(values...);
}

/// Executes a statement with values for its marks in their order, and calls `each` with the columns of every
/// row that it returns. `each` must not execute the same statement.
template <class Row, class Each, class... Values>
void query(Session& sql, std::string_view text, Each each, const Values&... values)
{
    sql.keep<detail::KeptStatement<Row, Values...>>(text).query(each, values...);
}

/// All that a statement returns that has one column, or those of one Host.
template <class T, class... Values>
std::vector<T> select_all(Session& sql, std::string_view text, const Values&... values)
{
    std::vector<T> found;
    query<Columns<T>>(sql, text, [&](T value) { found.push_back(std::move(value)); }, values...);
    return found;
}

/// The same for a statement that returns one row at most.
template <class T, class... Values>
std::optional<T> select_one(Session& sql, std::string_view text, const Values&... values)
{
    std::optional<T> found;
    query<Columns<T>>(sql, text, [&](T value) { found = std::move(value); }, values...);
    return found;
}

} // namespace drukbox::service

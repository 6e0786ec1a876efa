#pragma once

#include "service/base/setting_error.hpp"

#include <stdexcept>

namespace drukbox::service {

/// The database did not do what it was asked. What was to be written is not written; only when a commit was
/// not answered, and the database stays away afterwards, nobody knows.
class StoreError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Another service uses the database, which only one may.
class DatabaseInUse : public SettingError
{
public:
    using SettingError::SettingError;
};

} // namespace drukbox::service

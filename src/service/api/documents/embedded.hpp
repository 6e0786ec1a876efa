#pragma once

#include <string_view>

/// Files that are part of the program.
namespace drukbox::service::api::embedded {

[[nodiscard]] std::string_view openapi_json() noexcept;
[[nodiscard]] std::string_view openapi_extensions_json() noexcept;
[[nodiscard]] std::string_view docs_html() noexcept;
[[nodiscard]] std::string_view docs_js() noexcept;
[[nodiscard]] std::string_view swagger_ui_css() noexcept;
[[nodiscard]] std::string_view swagger_ui_bundle_js() noexcept;
[[nodiscard]] std::string_view swagger_ui_standalone_preset_js() noexcept;

} // namespace drukbox::service::api::embedded

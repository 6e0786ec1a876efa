#pragma once

#include "wire/host_view.hpp"
#include "wire/requests/findings.hpp"

#include <drukbox/sandbox_host.hpp>
#include <drukbox/testing/answer.hpp>

#include <string_view>
#include <vector>

namespace drukbox::inline v0::testing::detail {

/// The record of a host, as a client sees it in that view. All hosts are of one account, `admin`.
[[nodiscard]] Answer host_answer(unsigned status, wire::HostView view, const SandboxHost& host);

/// 200 and the records of hosts.
[[nodiscard]] Answer hosts_answer(wire::HostView view, const std::vector<SandboxHost>& hosts);

/// The 422 that tells what is wrong with a request.
[[nodiscard]] Answer findings_answer(const wire::Findings& findings, std::string_view error_code = {});

} // namespace drukbox::inline v0::testing::detail

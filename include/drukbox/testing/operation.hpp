#pragma once

namespace drukbox::inline v0::testing {

/// Which operation of the API a request asks for, by the name that the SDK has for it.
enum class Operation
{
    create_host,       ///< `POST /hosts`
    list_hosts,        ///< `GET /hosts`
    get_host,          ///< `GET /hosts/{id}`; SandboxAPI::attach() asks for the same.
    renew_host,        ///< `POST /hosts/{id}/renew`
    delete_host,       ///< `DELETE /hosts/{id}`
    create_http_proxy, ///< `POST /http-proxies`
    delete_http_proxy, ///< `DELETE /http-proxies/{name}`
    attach_http_proxy, ///< `POST /http-proxies/{name}/hosts/{id}`
    detach_http_proxy, ///< `DELETE /http-proxies/{name}/hosts/{id}`
    doctor,            ///< `GET /doctor`
};

} // namespace drukbox::inline v0::testing

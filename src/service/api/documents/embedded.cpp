#include "service/api/documents/embedded.hpp"

// The assembler takes the bytes as they are. What a build configures has its directory in EMBED_CONFIGURED,
// the rest in EMBED_DOCUMENTS and EMBED_SWAGGER_UI.
#define DRUKBOX_EMBED(name, path)                                                                            \
    __asm__(".pushsection .rodata\n"                                                                         \
            ".hidden drukbox_embedded_" #name "\n"                                                           \
            ".hidden drukbox_embedded_" #name "_end\n"                                                       \
            ".global drukbox_embedded_" #name "\n"                                                           \
            ".global drukbox_embedded_" #name "_end\n"                                                       \
            "drukbox_embedded_" #name ":\n"                                                                  \
            ".incbin \"" path "\"\n"                                                                         \
            "drukbox_embedded_" #name "_end:\n"                                                              \
            ".popsection\n");                                                                                \
    extern "C" const char drukbox_embedded_##name[];                                                         \
    extern "C" const char drukbox_embedded_##name##_end[];                                                   \
    std::string_view drukbox::service::api::embedded::name() noexcept                                        \
    {                                                                                                        \
        return {drukbox_embedded_##name, drukbox_embedded_##name##_end};                                     \
    }

DRUKBOX_EMBED(openapi_json, EMBED_CONFIGURED "/openapi.json")
DRUKBOX_EMBED(openapi_extensions_json, EMBED_CONFIGURED "/openapi-extensions.json")
DRUKBOX_EMBED(docs_html, EMBED_DOCUMENTS "/docs.html")
DRUKBOX_EMBED(docs_js, EMBED_DOCUMENTS "/docs.js")
DRUKBOX_EMBED(swagger_ui_css, EMBED_SWAGGER_UI "/swagger-ui.css")
DRUKBOX_EMBED(swagger_ui_bundle_js, EMBED_SWAGGER_UI "/swagger-ui-bundle.js")
DRUKBOX_EMBED(swagger_ui_standalone_preset_js, EMBED_SWAGGER_UI "/swagger-ui-standalone-preset.js")

#include "sdk/verdict.hpp"

#include <gtest/gtest.h>

#include <string>

namespace drukbox::sdk {
namespace {

class Case
{
public:
    unsigned status;
    const char* body;
    Judgement judgement;
    const char* message;
    const char* error_code = "";
};

void PrintTo(const Case& c, std::ostream* out)
{
    *out << c.status << ' ' << c.body;
}

class VerdictTest : public ::testing::TestWithParam<Case>
{
};

TEST_P(VerdictTest, IsThatOfTheContract)
{
    const Verdict verdict = judge(GetParam().status, GetParam().body);
    EXPECT_EQ(verdict.judgement, GetParam().judgement);
    EXPECT_EQ(verdict.message, GetParam().message);
    EXPECT_EQ(verdict.error_code, GetParam().error_code);
}

constexpr const char* page = "<html><body>Bad Gateway</body></html>";
constexpr const char* non_json = "the service returned non-JSON output";

INSTANTIATE_TEST_SUITE_P(Success, VerdictTest,
                         ::testing::Values(Case{204, "", Judgement::success, ""},
                                           Case{204, page, Judgement::success, ""},
                                           Case{204, R"({"detail":"x"})", Judgement::success, ""},
                                           Case{200, "{}", Judgement::success, ""},
                                           Case{201, "{}", Judgement::success, ""},
                                           Case{202, "{}", Judgement::success, ""}));

INSTANTIATE_TEST_SUITE_P(
    EachStatusWithADetail, VerdictTest,
    ::testing::Values(
        Case{401, R"({"detail":"service token required"})", Judgement::auth, "service token required"},
        Case{403, R"({"detail":"service token rejected"})", Judgement::auth, "service token rejected"},
        Case{404, R"({"detail":"host not found"})", Judgement::not_found, "host not found"},
        Case{404, R"({"detail":"host not found","error_code":"NOT_FOUND"})", Judgement::not_found,
             "host not found", "NOT_FOUND"},
        Case{409, R"({"detail":"host is still provisioning","error_code":"HOST_STATE"})", Judgement::conflict,
             "host is still provisioning", "HOST_STATE"},
        Case{422, R"({"detail":"no"})", Judgement::validation, "no"},
        Case{502, R"({"detail":"ProviderError: no","error_code":"PROVISIONING_FAILED"})",
             Judgement::provisioning, "ProviderError: no", "PROVISIONING_FAILED"},
        Case{503, R"({"detail":"host teardown could not be completed","error_code":"HOST_TEARDOWN"})",
             Judgement::unavailable, "host teardown could not be completed", "HOST_TEARDOWN"},
        Case{503, R"({"detail":"no room","error_code":"CAPACITY"})", Judgement::unavailable, "no room",
             "CAPACITY"},
        Case{429, R"({"detail":"too many","error_code":"RATE_LIMITED"})", Judgement::response, "too many",
             "RATE_LIMITED"},
        Case{500, R"({"detail":"boom"})", Judgement::response, "boom"},
        Case{400, R"({"detail":"unknown provider 'x'; available: a, b"})", Judgement::response,
             "unknown provider 'x'; available: a, b"},
        Case{418, R"({"detail":"teapot"})", Judgement::response, "teapot"},
        Case{302, R"({"detail":"elsewhere"})", Judgement::response, "elsewhere"}));

INSTANTIATE_TEST_SUITE_P(EachStatusWithoutADetail, VerdictTest,
                         ::testing::Values(Case{401, "{}", Judgement::auth, "auth failed"},
                                           Case{403, "{}", Judgement::auth, "auth failed"},
                                           Case{404, "{}", Judgement::not_found, "not found"},
                                           Case{409, "{}", Judgement::conflict, "conflict"},
                                           Case{422, "{}", Judgement::validation, "validation error"},
                                           Case{502, "{}", Judgement::provisioning, "provisioning failed"},
                                           Case{503, "{}", Judgement::unavailable, "service unavailable"},
                                           Case{500, "{}", Judgement::response, "error"},
                                           Case{400, "{}", Judgement::response, "error"},
                                           Case{301, "{}", Judgement::response, "error"}));

INSTANTIATE_TEST_SUITE_P(AGatewaysPage, VerdictTest,
                         ::testing::Values(Case{401, page, Judgement::auth, "auth failed"},
                                           Case{403, page, Judgement::auth, "auth failed"},
                                           Case{404, page, Judgement::not_found, "not found"},
                                           Case{404, "", Judgement::not_found, "not found"},
                                           Case{502, page, Judgement::provisioning, "provisioning failed"},
                                           Case{503, page, Judgement::unavailable, "service unavailable"},
                                           Case{503, "", Judgement::unavailable, "service unavailable"}));

INSTANTIATE_TEST_SUITE_P(NotJson, VerdictTest,
                         ::testing::Values(Case{409, page, Judgement::response, non_json},
                                           Case{422, page, Judgement::response, non_json},
                                           Case{500, "Internal Server Error", Judgement::response, non_json},
                                           Case{500, "", Judgement::response, non_json},
                                           Case{504, page, Judgement::response, non_json},
                                           Case{413, "too large", Judgement::response, non_json},
                                           Case{302, "", Judgement::response, non_json},
                                           Case{400, R"({"detail":"cut)", Judgement::response, non_json},
                                           Case{400, "{\"detail\":\"\xff\"}", Judgement::response, non_json},
                                           Case{400, "{} {}", Judgement::response, non_json}));

INSTANTIATE_TEST_SUITE_P(
    ValidationFindings, VerdictTest,
    ::testing::Values(
        Case{422, R"({"detail":[{"type":"value_error","loc":["body","image"],"msg":"Value error, a"}]})",
             Judgement::validation, "Value error, a"},
        Case{422, R"({"detail":[{"msg":"a"},{"msg":"b"},{"msg":"c"}]})", Judgement::validation, "a; b; c"},
        Case{422, R"({"detail":[{"msg":"a"},{"msg":7},null,"x",{"loc":[]},{"msg":"c"}]})",
             Judgement::validation, "a; c"},
        Case{422, R"({"detail":[]})", Judgement::validation, "validation error"},
        Case{422, R"({"detail":[{"msg":null}]})", Judgement::validation, "validation error"},
        Case{400, R"({"detail":[{"msg":"only a 422 lists findings"}]})", Judgement::response, "error"}));

INSTANTIATE_TEST_SUITE_P(
    BodiesOfAnotherShape, VerdictTest,
    ::testing::Values(Case{404, R"({"detail":{"msg":"x"}})", Judgement::not_found, "not found"},
                      Case{404, R"({"detail":null})", Judgement::not_found, "not found"},
                      Case{404, R"({"detail":7})", Judgement::not_found, "not found"},
                      Case{404, R"({"error":"x"})", Judgement::not_found, "not found"},
                      Case{404, "[]", Judgement::not_found, "not found"},
                      Case{409, "null", Judgement::conflict, "conflict"},
                      Case{422, "\"detail\"", Judgement::validation, "validation error"},
                      Case{500, "42", Judgement::response, "error"},
                      Case{500, "true", Judgement::response, "error"},
                      Case{409, R"({"detail":"x","error_code":7})", Judgement::conflict, "x"},
                      Case{409, R"({"detail":"x","error_code":null})", Judgement::conflict, "x"}));

TEST(VerdictDepthTest, ABodyNestedTooDeeplyIsNotJson)
{
    const std::string body(100'000, '[');
    EXPECT_EQ(judge(500, body).judgement, Judgement::response);
    EXPECT_EQ(judge(404, body).judgement, Judgement::not_found);
}

} // namespace
} // namespace drukbox::sdk

#include "http/server/chunk_decoder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace drukbox::http {
namespace {

using Progress = ChunkDecoder::Progress;

class Decoded
{
public:
    /// Feeds `input` in pieces.
    explicit Decoded(std::string_view input, std::size_t limit = 10'000,
                     std::size_t piece = std::string::npos)
    {
        ChunkDecoder decoder{limit};
        while (progress == Progress::incomplete && !input.empty()) {
            auto next = input.substr(0, piece);
            input.remove_prefix(next.size());
            const auto size = next.size();
            progress = decoder.decode(next, body);
            consumed += size - next.size();
        }
    }

    Progress progress = Progress::incomplete;
    std::string body;
    std::size_t consumed = 0;
};

TEST(ChunkDecoderTest, GivesTheDataAndLeavesTheNextRequest)
{
    const std::string body = "3\r\nabc\r\n0A ; name=value;x\r\n0123456789\r\n0\r\nTrailer: \"t\r\n\r\n";
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
        const Decoded decoded{body + "GET /", 10'000, piece};
        EXPECT_EQ(decoded.progress, Progress::complete);
        EXPECT_EQ(decoded.body, "abc0123456789");
        EXPECT_EQ(decoded.consumed, body.size());
    }
}

TEST(ChunkDecoderTest, RefusesWhatTwoReadersCouldUnderstandInTwoWays)
{
    for (const std::string body : {
             "\r\n",
             "x\r\n",
             "-1\r\n",
             "+1\r\n",
             " 1\r\n",
             "0x1\r\n",
             "1 \r\na\r\n",
             "1 2\r\na\r\n",
             "1\na\r\n",
             "1\ra",
             "1;a\nb\r\n",
             "5;a=\"\r\nhello\r\n",
             "5;a=\"b\"\r\nhello\r\n",
             "1;\x01\r\na\r\n",
             "1\r\nab\r\n",
             "1\r\na\n",
             "1\r\na\rb",
             "fffffffffffffffff\r\n",
             "0\r\n folded\r\n\r\n",
             "0\r\nno colon\r\n\r\n",
             "0\r\nA: b\r\n c\r\n\r\n",
             "0\r\nA: b\nC: d\r\n\r\n",
             "0\r\nA: \x01\r\n\r\n",
             "0\r\n\rX",
         }) {
        for (const std::size_t piece : {1U, 1000U}) {
            EXPECT_EQ((Decoded{body, 10'000, piece}.progress), Progress::malformed) << body;
        }
    }
}

TEST(ChunkDecoderTest, CountsEveryByteAgainstOneLimit)
{
    const auto many = [](const std::string& text) {
        std::string all;
        for (int i = 0; i < 2000; ++i) {
            all += text;
        }
        return all;
    };
    for (const auto& body : {
             many("1\r\na\r\n"),
             many("1;extension=" + std::string(500, 'x') + "\r\na\r\n"),
             many("00000000000000001\r\na\r\n"),
             "0\r\n" + many("Trailer: t\r\n"),
             std::string("2000\r\n"),
             std::string("ffffffffffffffff\r\n"),
         }) {
        for (const std::size_t piece : {1U, 1000U}) {
            const Decoded decoded{body, 1000, piece};
            EXPECT_EQ(decoded.progress, Progress::too_large) << body.substr(0, 20);
            EXPECT_LE(decoded.consumed, 1000U);
        }
    }
    const std::string exact = "a\r\n0123456789\r\n0\r\n\r\n";
    EXPECT_EQ((Decoded{exact, exact.size()}.progress), Progress::complete);
    EXPECT_EQ((Decoded{exact, exact.size() - 1}.progress), Progress::too_large);
}

TEST(ChunkDecoderTest, BoundsALine)
{
    for (const std::string start : {"0", "1;x=", "0\r\nTrailer: ", "0\r\n"}) {
        EXPECT_EQ((Decoded{start + std::string(2000, start == "0" ? '0' : 'x')}.progress),
                  Progress::too_large)
            << start;
    }
}

} // namespace
} // namespace drukbox::http

#include "cckpi/base/shared_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace cckpi {
namespace {

TEST(SharedTextTest, ReadsAsTheTextItWasMadeOf) {
  const std::string text = "mean of the first response time";
  for (const SharedText& shared :
       {SharedText(text), SharedText(std::string_view(text)),
        SharedText(text.c_str())}) {
    EXPECT_EQ(shared, text);
    EXPECT_EQ(shared.str(), text);
    EXPECT_EQ(shared.size(), text.size());
    EXPECT_STREQ(shared.c_str(), text.c_str());
    const std::string& as_string = shared;
    EXPECT_EQ(as_string, text);
    const std::string_view as_view = shared;
    EXPECT_EQ(as_view, text);
  }
}

TEST(SharedTextTest, NoneIsEmpty) {
  for (const SharedText& none : {SharedText(), SharedText("")}) {
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.size(), 0u);
    EXPECT_EQ(none, "");
    EXPECT_STREQ(none.c_str(), "");
  }
  EXPECT_FALSE(SharedText("a").empty());
}

TEST(SharedTextTest, CopiesShareOneText) {
  SharedText text = "first_response_time";
  const SharedText copy = text;
  EXPECT_EQ(copy.c_str(), text.c_str());  // the same bytes
  text = "resolution_time";
  EXPECT_EQ(copy, "first_response_time");
  EXPECT_EQ(text, "resolution_time");
  const SharedText moved = std::move(text);
  EXPECT_EQ(moved, "resolution_time");
}

TEST(SharedTextTest, ComparesAsTextsDo) {
  EXPECT_EQ(SharedText("same"), SharedText(std::string("same")));
  EXPECT_NE(SharedText("a"), SharedText("b"));
  EXPECT_LT(SharedText("a"), SharedText("ab"));
  EXPECT_GT(SharedText("b"), SharedText("ab"));
  EXPECT_LT(SharedText(), SharedText("a"));
}

}  // namespace
}  // namespace cckpi

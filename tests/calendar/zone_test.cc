#include "cckpi/calendar/zone.h"

#include <string>

#include "cckpi/base/time.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

TEST(ZoneTest, DefaultIsUtc) {
  Zone zone;
  EXPECT_TRUE(zone.is_utc());
  EXPECT_EQ(zone.name(), "UTC");
  EXPECT_EQ(zone, *LoadZone("UTC"));
}

TEST(ZoneTest, LoadsIanaNames) {
  for (const std::string name :
       {"Europe/Madrid", "America/Argentina/Buenos_Aires", "Etc/GMT+5",
        "America/Port-au-Prince", "UTC"}) {
    absl::StatusOr<Zone> zone = LoadZone(name);
    ASSERT_TRUE(zone.ok()) << zone.status();
    EXPECT_EQ(zone->name(), name);
  }
  EXPECT_TRUE(LoadZone("Etc/UTC")->is_utc());
  EXPECT_FALSE(LoadZone("Europe/London")->is_utc());
}

TEST(ZoneTest, ReadsLocalTime) {
  Zone kathmandu = *LoadZone("Asia/Kathmandu");
  const int64_t at_us = *ParseTime("2026-03-09T00:00:00Z");
  EXPECT_EQ(kathmandu.Local(at_us), absl::CivilSecond(2026, 3, 9, 5, 45, 0));
  EXPECT_EQ(kathmandu.OffsetSeconds(at_us), 5 * 3600 + 45 * 60);
}

TEST(ZoneTest, RefusesWhatIsNoIanaName) {
  for (const std::string name :
       {"", "localtime", "Mars/Olympus", "Europe", "europe madrid",
        "/etc/localtime", "/usr/share/zoneinfo/UTC", "file:UTC",
        "libc:localtime", "../zoneinfo/UTC", "Fixed/UTC+01:00:00"}) {
    absl::StatusOr<Zone> zone = LoadZone(name);
    ASSERT_FALSE(zone.ok()) << name;
    EXPECT_EQ(zone.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(zone.status().message()),
              "unknown time zone \"" + name + "\"");
  }
}

}  // namespace
}  // namespace cckpi

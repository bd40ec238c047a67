// Time zones by IANA name.
//
// A Zone is a validated time zone: it can only be made by LoadZone, so code
// that holds one never has to think about unknown names. It is a cheap value.
// The rules come from the host's tzdata.
//
// This file defines
//   * Zone, a loaded time zone and the name it was loaded by;
//   * LoadZone.
//
//   absl::StatusOr<Zone> madrid = LoadZone("Europe/Madrid");
//   if (!madrid.ok()) return madrid.status();
//   absl::CivilSecond local = madrid->Local(at_us);

#ifndef CCKPI_CALENDAR_ZONE_H_
#define CCKPI_CALENDAR_ZONE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace cckpi {

class Zone {
 public:
  // UTC.
  Zone() : zone_(absl::UTCTimeZone()), name_("UTC"), is_utc_(true) {}

  const std::string& name() const { return name_; }
  const absl::TimeZone& time_zone() const { return zone_; }

  // True if local time is UTC at every instant.
  bool is_utc() const { return is_utc_; }

  // Local wall time at an instant, fractions of a second cut.
  absl::CivilSecond Local(int64_t at_us) const {
    return absl::ToCivilSecond(absl::FromUnixMicros(at_us), zone_);
  }

  // Seconds east of UTC at an instant.
  int32_t OffsetSeconds(int64_t at_us) const {
    return is_utc_ ? 0 : zone_.At(absl::FromUnixMicros(at_us)).offset;
  }

  // Two zones are equal if they were loaded by the same name.
  friend bool operator==(const Zone& a, const Zone& b) {
    return a.name_ == b.name_;
  }

 private:
  friend absl::StatusOr<Zone> LoadZone(std::string_view name);
  Zone(absl::TimeZone zone, std::string name);

  absl::TimeZone zone_;
  std::string name_;
  bool is_utc_;
};

// The zone of that IANA name ("Europe/Madrid", "UTC", "Etc/GMT+5").
// InvalidArgument `unknown time zone "X"` for every other text, also for the
// empty one, for file paths, and for "localtime": what the machine happens to
// be set to is no definition of a number.
absl::StatusOr<Zone> LoadZone(std::string_view name);

}  // namespace cckpi

#endif  // CCKPI_CALENDAR_ZONE_H_

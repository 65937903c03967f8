// Families of figures in the library's form. Private to this folder: the library ends in the files that include this.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <utility>

namespace sightline::api {

using prometheus::MetricFamily;
using prometheus::MetricType;

// With one value.
MetricFamily family(const char* name, const char* help, MetricType type, double value);
MetricFamily counter(const char* name, const char* help, std::uint64_t value);
MetricFamily gauge(const char* name, const char* help, std::uint64_t value);
MetricFamily seconds(const char* name, const char* help, std::uint64_t value_us);
// With a value for each of few fixed words.
MetricFamily labelled_counter(const char* name, const char* help, const char* label,
                              std::initializer_list<std::pair<const char*, std::uint64_t>> values);

}  // namespace sightline::api

// Splits a stream of JSON into the objects that each become an event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sources/json/json_scanner.h"

namespace sightline::sources {

// Accepts, in any mixture and one after the other: objects, arrays of objects, and objects whose member `list_key` is
// an array of objects, on one line or many. Commas between values are not insisted on. Lists may be of any length:
// memory is bounded by kMaxLineBytes for one value.
//
// What is broken is skipped up to where the next object starts: behind the matching bracket if there is one, else at a
// '{' that begins a line or follows a comma or bracket. Not thread-safe.
class JsonSplitter {
 public:
  struct Place {
    std::uint64_t line = 1;    // from 1
    std::uint64_t offset = 0;  // bytes from the start of the stream
  };

  class Sink {
   public:
    virtual ~Sink() = default;
    // One object. `bytes` is valid during the call. False, and no effect, where it is no JSON.
    virtual bool on_object(std::string_view bytes, Place place) = 0;
    // An object whose brackets and strings are whole and which is no JSON nevertheless: on_object returned false.
    virtual void on_bad_object(std::string_view bytes, Place place) = 0;
    // Something else. `error` says what and at which byte; `bytes` are at most kMaxRejectedBytes of it.
    virtual void on_bad(std::string error, std::string_view bytes, std::uint64_t size_bytes, Place place) = 0;
  };

  explicit JsonSplitter(std::string list_key) : list_key_(std::move(list_key)) {}

  void write(std::string_view chunk, Sink& sink);
  void finish(Sink& sink);

 private:
  enum class Mode : std::uint8_t {
    between,   // values: at the top or in a list
    value,     // inside one
    skip,      // inside a broken one, its brackets are followed
    too_long,  // inside one that is over the limit
    resync,    // behind something broken: looking for the next object
  };
  // A list we are in; `owner` waits for the rest of the object around it.
  struct List {
    bool has_owner = false;
    JsonScanner owner;
    bool doubtful = false;  // something broke inside, so that its end may have been missed
    Place place;
  };
  // What is being rejected; reported once its end is known.
  struct Bad {
    std::string error;
    std::string bytes;
    std::uint64_t size_bytes = 0;
    Place place;
  };

  void process(Sink& sink);
  bool process_between(Sink& sink);
  bool take_fast(Sink& sink);
  bool process_value(Sink& sink);
  bool process_skip(Sink& sink);
  bool process_too_long(Sink& sink);
  bool process_resync(Sink& sink);

  void open_list(bool has_owner);
  void close_list();
  void finish_value(Sink& sink);
  void break_value(Sink& sink);
  void salvage_lines(std::string_view region, Sink& sink);
  void end_too_long(JsonScanner::Status status, Sink& sink);
  void resync();
  void begin_bad(std::string_view expected, std::size_t at);
  void extend_bad(std::size_t size);
  void report_bad(Sink& sink);
  void consume(std::size_t size);
  std::string_view rest() const { return std::string_view(buffer_).substr(start_); }

  std::string list_key_;
  std::string buffer_;
  std::size_t start_ = 0;     // of the value being read, in buffer_; what is before is done with
  std::size_t position_ = 0;  // of the scanner, from start_
  Place place_;               // of start_
  Mode mode_ = Mode::between;
  bool is_owner_ = false;  // the value being read had a list taken out of it
  JsonScanner scanner_;
  std::vector<List> lists_;
  std::uint64_t slow_until_ = 0;  // offset in the stream before which take_fast is not worth trying
  Bad bad_;
  bool after_bad_ = false;        // nothing good was read since something bad
  bool lines_only_ = false;       // of resync: inside something nested too deep, brackets say nothing
  char last_significant_ = '\0';  // of resync: the last byte that is no space
  char last_ = '\0';              // of resync: the last byte
};

}  // namespace sightline::sources

#include "http/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace twinstore {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib.h: 16 asks for gzip instead of zlib
constexpr int memory_level = 8;
constexpr size_t block_bytes = 64u << 10;

// What has an ETag is a file, whose validator stands for its bytes as they are.
bool is_compressible(const HttpResponse& response) {
  return response.body.size() > limits::gzip_bytes_min &&
         response.header("Content-Encoding").empty() && response.header("ETag").empty() &&
         media_type(response.header("Content-Type")).ends_with("json");
}

Bytef* input_of(std::string_view bytes) {
  // zlib does not write to its input; its interface is older than const.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

struct Inflater {
  z_stream stream{};
  bool is_open = false;
  Inflater() { is_open = inflateInit2(&stream, gzip_window) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (is_open) inflateEnd(&stream);
  }
};

}  // namespace

std::string gzip(std::string_view bytes, int level) {
  z_stream stream{};
  TWINSTORE_CHECK(deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level,
                               Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  TWINSTORE_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gunzip(std::string_view bytes, size_t bytes_max, size_t ratio_max) {
  Inflater inflater;
  if (!inflater.is_open) return Error{ErrorCode::Unavailable, "there is no memory to inflate with"};
  z_stream& stream = inflater.stream;
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  const size_t grown_max = std::min(bytes_max, std::max(block_bytes, bytes.size() * ratio_max));
  std::string out;
  std::array<Bytef, block_bytes> block;
  for (;;) {
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) break;
    const size_t made = block.size() - stream.avail_out;
    if (out.size() + made > grown_max) {
      return Error{ErrorCode::BodyTooLarge, "the compressed body grows beyond the bound"};
    }
    if (out.size() + made > out.capacity()) {
      // Few steps: with each the old bytes and the new ones are in memory at once.
      out.reserve(std::min(grown_max, std::max(block_bytes, 8 * out.capacity())));
    }
    out.append(reinterpret_cast<const char*>(block.data()), made);
    if (code == Z_STREAM_END && stream.avail_in == 0) return out;
    if (code == Z_STREAM_END || made == 0) break;
  }
  return Error{ErrorCode::InvalidArgument, "the body is not gzip"};
}

void compress_body(const HttpRequest& request, HttpResponse& response) {
  if (!is_compressible(response)) return;
  if (response.header("Vary").empty()) response.set("Vary", "Accept-Encoding");
  if (!accepts_coding(request, "gzip")) return;
  response.body = gzip(response.body);
  response.set("Content-Encoding", "gzip");
}

}  // namespace twinstore

package dev.agentlab.console;

import com.google.re2j.Pattern;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/// A static file, in each content coding in which the program has it. The content is read once, by
/// the first request for it. Safe for all threads.
final class StaticFile {
  /// By suffix.
  private static final Map<String, String> MEDIA_TYPES =
      Map.ofEntries(
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("md", "text/markdown; charset=utf-8"),
          Map.entry("png", "image/png"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("webp", "image/webp"),
          Map.entry("woff2", "font/woff2"));

  /// The headers of pages in addition to those of every response. A page uses only what the service
  /// itself serves, and nothing inline; `blob:` and `data:` are images of conversations.
  private static final Map<String, String> PAGE_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
              + " font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
              + " form-action 'self'; frame-ancestors 'none'",
          "Cross-Origin-Opener-Policy",
          "same-origin");

  private static final Pattern COMMA = Pattern.compile(",");
  private static final Pattern SEMICOLON = Pattern.compile(";");
  private static final Pattern ZERO_WEIGHT = Pattern.compile("q=0(\\.0*)?");

  /// A content coding, best first.
  private enum Coding {
    BROTLI("br", ".br"),
    GZIP("gzip", ".gz"),
    IDENTITY("identity", "");

    private final String token;
    private final String suffix;

    Coding(String token, String suffix) {
      this.token = token;
      this.suffix = suffix;
    }
  }

  private final ClassLoader resources;
  private final String path;
  private final String hash;
  private final String mediaType;

  /// The codings in which the program has the file.
  private final List<Coding> codings;

  private final ConcurrentMap<Coding, byte[]> contents = new ConcurrentHashMap<>();

  private StaticFile(
      ClassLoader resources, String path, String hash, String mediaType, List<Coding> codings) {
    this.resources = resources;
    this.path = path;
    this.hash = hash;
    this.mediaType = mediaType;
    this.codings = codings;
  }

  /// @param resources contains the file
  /// @param hash of the content without coding
  /// @param suffixes `br` or `gz`, for each compressed file beside it
  /// @throws IllegalArgumentException if the file has no known media type
  static StaticFile of(ClassLoader resources, String path, String hash, List<String> suffixes) {
    String mediaType = MEDIA_TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    if (mediaType == null) {
      throw new IllegalArgumentException(path + ": the suffix has no known media type");
    }
    List<Coding> codings =
        Stream.of(Coding.values())
            .filter(it -> it == Coding.IDENTITY || suffixes.contains(it.suffix.substring(1)))
            .toList();
    return new StaticFile(resources, path, hash, mediaType, codings);
  }

  /// Creates the response: the file in the best coding that the client accepts, or 304 if the
  /// client has it.
  Response response(String cacheControl, Request<?> request) {
    Map<String, String> conditions =
        request.headers(name -> name.equals("accept-encoding") || name.equals("if-none-match"));
    Coding coding = select(conditions.getOrDefault("accept-encoding", ""));
    String tag = "\"%s%s\"".formatted(hash, coding.suffix);
    Map<String, String> headers = new HashMap<>();
    headers.put("Cache-Control", cacheControl);
    headers.put("ETag", tag);
    if (codings.size() > 1) {
      headers.put("Vary", "Accept-Encoding");
    }
    if (mediaType.startsWith("text/html")) {
      headers.putAll(PAGE_HEADERS);
    }
    if (matches(conditions.getOrDefault("if-none-match", ""), tag)) {
      return new Response(304, headers, new Response.Content.Empty());
    }
    if (coding != Coding.IDENTITY) {
      headers.put("Content-Encoding", coding.token);
    }
    return new Response(200, headers, new Response.Content.Bytes(mediaType, content(coding)));
  }

  /// The size of the response body for a client that accepts every coding.
  int compressedSize() {
    return content(codings.getFirst()).length;
  }

  /// The content without coding.
  byte[] content() {
    return content(Coding.IDENTITY);
  }

  private byte[] content(Coding coding) {
    return contents.computeIfAbsent(coding, it -> read(path + it.suffix));
  }

  private byte[] read(String name) {
    try (InputStream content = resources.getResourceAsStream(name)) {
      if (content == null) {
        throw new IllegalStateException("the program has no file " + name);
      }
      return content.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Coding select(String acceptEncoding) {
    return codings.stream()
        .filter(coding -> coding == Coding.IDENTITY || accepts(acceptEncoding, coding.token))
        .findFirst()
        .orElseThrow();
  }

  /// Whether an `Accept-Encoding` header includes a coding (RFC 9110, section 12.5.3).
  private static boolean accepts(String header, String token) {
    boolean acceptsOthers = false;
    for (String element : COMMA.split(header)) {
      String[] parts = SEMICOLON.split(element);
      String name = parts[0].strip();
      boolean isAccepted =
          Arrays.stream(parts).skip(1).noneMatch(it -> ZERO_WEIGHT.matches(it.strip()));
      if (name.equalsIgnoreCase(token)) {
        return isAccepted;
      }
      acceptsOthers |= name.equals("*") && isAccepted;
    }
    return acceptsOthers;
  }

  /// Whether an `If-None-Match` header includes an entity tag (RFC 9110, section 13.1.2).
  private static boolean matches(String header, String tag) {
    return Stream.of(COMMA.split(header))
        .map(String::strip)
        .anyMatch(it -> it.equals("*") || it.equals(tag) || it.equals("W/" + tag));
  }
}

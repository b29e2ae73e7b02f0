package dev.agentlab.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.http.CorsPolicy;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.http.RawHttpConnection.RawResponse;
import dev.agentlab.http.RouteServer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleRoutesTest {
  private static final String BROWSER =
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

  private static final String LIST =
      """
      console/assets/main-1a.js\tjs1\tbr\tgz
      console/icon.svg\tsvg1
      console/index.html\tpage1\tbr\tgz
      docs/docs.css\tcss1
      docs/guides/keys.html\tkeys1
      docs/index.html\tdocs1
      """;

  @TempDir private Path folder;
  private URLClassLoader resources;
  private RouteServer server;

  @BeforeEach
  void start() throws IOException {
    write("META-INF/static-files.tsv", LIST);
    for (String line : LIST.lines().toList()) {
      String[] fields = line.split("\t", -1);
      write(fields[0], fields[1]);
      for (int i = 2; i < fields.length; i++) {
        write(fields[0] + "." + fields[i], fields[1] + " as " + fields[i]);
      }
    }
    write("console/unlisted.svg", "unlisted");
    write("docs/unlisted.html", "unlisted");
    resources = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
    server = server(resources);
  }

  private void write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static RouteServer server(ClassLoader resources) {
    return RouteServer.of(RouteServer.settings(), ConsoleRoutes.of(StaticFiles.read(resources)));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    resources.close();
  }

  private RawResponse get(String path, String... headers) throws IOException {
    StringBuilder head = new StringBuilder("GET %s HTTP/1.1".formatted(path));
    for (String header : headers) {
      head.append("\r\n").append(header);
    }
    return server.send(head.toString());
  }

  @Test
  void everyViewIsThePage() throws IOException {
    for (String view : ConsoleRoutes.VIEWS) {
      for (String path : List.of(view, view + "/", view + "/42/edit", view + "?page=2&q=%zz")) {
        assertThat(get("/" + path).text()).as(path).isEqualTo("page1");
      }
    }
    assertThat(get("/").text()).isEqualTo("page1");
    assertThat(get("/sign-in?next=%2Fkeys").text()).isEqualTo("page1");
  }

  @Test
  void pageIsRevalidatedAndRestrictedToOwnFiles() throws IOException {
    RawResponse page = get("/keys");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.headers())
        .containsEntry("content-type", "text/html; charset=utf-8")
        .containsEntry("cache-control", "no-cache")
        .containsEntry("etag", "\"page1\"")
        .containsEntry("vary", "Accept-Encoding")
        .containsEntry("cross-origin-opener-policy", "same-origin")
        .containsEntry("x-content-type-options", "nosniff")
        .containsEntry(
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
                + " font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
                + " form-action 'self'; frame-ancestors 'none'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip, deflate, br, zstd | br   | page1 as br | \"page1.br\"",
        "gzip                    | gzip | page1 as gz | \"page1.gz\"",
        "GZip;q=0.5              | gzip | page1 as gz | \"page1.gz\"",
        "br;q=0, gzip            | gzip | page1 as gz | \"page1.gz\"",
        "br; q=0.000, *          | gzip | page1 as gz | \"page1.gz\"",
        "*                       | br   | page1 as br | \"page1.br\"",
        "deflate, brotli, xgzip  | ''   | page1       | \"page1\"",
        "gzip;q=0, br;q=0.0      | ''   | page1       | \"page1\"",
        "';;,,;'                 | ''   | page1       | \"page1\"",
      })
  void contentCodingIsNegotiated(String accepted, String coding, String text, String tag)
      throws IOException {
    RawResponse page = get("/", "Accept-Encoding: " + accepted);

    assertThat(page.header("Content-Encoding")).isEqualTo(coding);
    assertThat(page.text()).isEqualTo(text);
    assertThat(page.header("ETag")).isEqualTo(tag);
    assertThat(page.header("Vary")).isEqualTo("Accept-Encoding");
  }

  @Test
  void fileWithoutCompressedFormIsSentAsItIs() throws IOException {
    RawResponse icon = get("/icon.svg", "Accept-Encoding: br, gzip");

    assertThat(icon.text()).isEqualTo("svg1");
    assertThat(icon.headers())
        .containsEntry("content-type", "image/svg+xml")
        .containsEntry("cache-control", "no-cache")
        .doesNotContainKeys("vary", "content-encoding");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"page1.br\"", "W/\"page1.br\"", "\"other\", \"page1.br\"", "*", "\"a\" , *"})
  void knownVersionIsNotSentAgain(String tags) throws IOException {
    for (String method : List.of("GET", "HEAD")) {
      try (RawHttpConnection connection = server.connect()) {
        String head =
            "%s / HTTP/1.1\r\nAccept-Encoding: br\r\nIf-None-Match: %s".formatted(method, tags);
        RawResponse response = connection.send(head, "").readHead();

        assertThat(response.status()).isEqualTo(304);
        assertThat(response.headers())
            .containsEntry("etag", "\"page1.br\"")
            .containsEntry("cache-control", "no-cache")
            .containsEntry("vary", "Accept-Encoding")
            .doesNotContainKeys("content-type", "content-encoding", "content-length");
        // The next response follows at once.
        assertThat(connection.send("GET /icon.svg HTTP/1.1", "").readResponse().text())
            .isEqualTo("svg1");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"page2\"", "\"page1\"", "page1.br", "\"page1.gz\"", ""})
  void otherVersionIsSent(String tags) throws IOException {
    assertThat(get("/", "Accept-Encoding: br", "If-None-Match: " + tags).text())
        .isEqualTo("page1 as br");
  }

  @Test
  void assetsAreImmutable() throws IOException {
    RawResponse script = get("/assets/main-1a.js", "Accept-Encoding: gzip");

    assertThat(script.text()).isEqualTo("js1 as gz");
    assertThat(script.headers())
        .containsEntry("content-type", "text/javascript; charset=utf-8")
        .containsEntry("cache-control", "public, max-age=31536000, immutable")
        .containsEntry("content-security-policy", restricted());
  }

  /// The policy of responses that are not pages.
  private static String restricted() {
    return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  @Test
  void headHasTheHeadersOfGet() throws IOException {
    try (RawHttpConnection connection = server.connect()) {
      RawResponse head =
          connection.send("HEAD / HTTP/1.1\r\nAccept-Encoding: br", "").readResponse(true);

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo("11");
      assertThat(head.header("Content-Encoding")).isEqualTo("br");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/docs, docs1",
    "/docs/, docs1",
    "/docs/index, docs1",
    "/docs/guides/keys, keys1",
    "/docs/docs.css, css1"
  })
  void documentationIsServed(String path, String text) throws IOException {
    RawResponse response = get(path);

    assertThat(response.text()).isEqualTo(text);
    assertThat(response.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(response.header("Content-Security-Policy").contains("script-src"))
        .isEqualTo(response.header("Content-Type").startsWith("text/html"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/unknown",
        "/index.html",
        "/unlisted.svg",
        "/console/index.html",
        "/assets",
        "/assets/",
        "/assets/main-2b.js",
        "/assets/main-1a.js.br",
        "/assets/../index.html",
        "/assets/..%2findex.html",
        "/assets/%2e%2e/icon.svg",
        "/assets//main-1a.js",
        "/docs/unlisted",
        "/docs/../console/icon.svg",
        "/docs/..%2fconsole%2findex.html",
        "/docs/%2fetc%2fpasswd",
        "/docs/..%5cindex.html",
        "/docs/index.html%00",
        "/META-INF/static-files.tsv",
        "/sign-in/more"
      })
  void unknownFileIsAProblem(String path) throws IOException {
    RawResponse response = get(path);

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(response.header("Cache-Control")).isEqualTo("no-store");
    assertThat(response.json().get("type").asString()).isEqualTo("/problems/not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/unknown", "/unknown/more?q=1", "/console/index.html", "/Agents"})
  void browserGetsThePageForAnUnknownPath(String path) throws IOException {
    RawResponse page = get(path, BROWSER);

    assertThat(page.status()).isEqualTo(404);
    assertThat(page.text()).isEqualTo("page1");
    assertThat(page.headers()).containsKey("content-security-policy");
    assertThat(get(path, "Accept: */*").header("Content-Type"))
        .isEqualTo("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/assets/unknown.js", "/docs/unknown", "/sign-in/more", "//unknown"})
  void unknownPathThatBeginsLikeARouteIsAProblemInABrowserToo(String path) throws IOException {
    RawResponse response = get(path, BROWSER);

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void onlyGetHasAPageForAnUnknownPath() throws IOException {
    RawResponse response = server.send("DELETE /unknown HTTP/1.1\r\n" + BROWSER);

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void allowedOriginIsInVaryToo() throws IOException {
    CorsPolicy cors =
        new CorsPolicy(Set.of("https://other.example"), List.of(), List.of(), false, Duration.ZERO);
    try (RouteServer open =
        RouteServer.of(
            RouteServer.with(RouteServer.settings(), Optional.of(cors)),
            ConsoleRoutes.of(StaticFiles.read(resources)))) {
      assertThat(open.send("GET / HTTP/1.1").header("Vary"))
          .isEqualToIgnoringCase("Accept-Encoding, Origin");
    }
  }

  @Test
  void programWithoutConsoleSaysHowToGetIt() throws IOException {
    try (RouteServer bare = server(new URLClassLoader(new URL[0], null))) {
      for (String path : List.of("/", "/providers", "/sign-in")) {
        RawResponse response = bare.send("GET %s HTTP/1.1".formatted(path));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(response.text())
            .contains("Node.js 20.19 or later", "/openapi.json", "without the web console");
      }
      for (String path : List.of("/docs", "/assets/main-1a.js", "/icon.svg")) {
        assertThat(bare.send("GET %s HTTP/1.1".formatted(path)).status()).isEqualTo(404);
      }
    }
  }

  @Test
  void fileOfUnknownTypeIsRejectedAtTheStart() throws IOException {
    write("META-INF/static-files.tsv", "console/assets/page.exe\t1\n");

    assertThatThrownBy(() -> StaticFiles.read(resources))
        .hasMessage("console/assets/page.exe: the suffix has no known media type");
  }
}

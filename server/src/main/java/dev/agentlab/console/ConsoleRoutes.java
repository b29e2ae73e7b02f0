package dev.agentlab.console;

import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The routes of the web console and of the documentation. They are public, because the files are
/// the same for everyone: what a person may see comes from the API.
final class ConsoleRoutes {
  /// The first path segments of the views: the console shows the view of the path in its address.
  /// Other paths are unknown, so that a mistyped path of the API is a 404; in a browser the page
  /// says so.
  static final List<String> VIEWS =
      List.of(
          "about",
          "agents",
          "audit",
          "calls",
          "connect",
          "keys",
          "me",
          "playground",
          "providers",
          "routes",
          "secrets");

  /// The files of the console beside its page that have a fixed name.
  static final List<String> ROOT_FILES = List.of("icon.svg");

  static final String CONSOLE_FOLDER = "console/";
  static final String INDEX = CONSOLE_FOLDER + "index.html";
  private static final String DOCS_FOLDER = "docs/";

  /// The name of a file in this folder contains a hash of its content.
  private static final String IMMUTABLE = "public, max-age=31536000, immutable";

  /// Stored by browsers, and used after the service has confirmed it.
  private static final String REVALIDATED = "no-cache";

  private static final String NO_CONSOLE =
      """
      agent-lab is running. It was built without the web console, because there was no Node.js 20.19 or later.

      To add the console, install Node.js, delete server/target/agent-lab.jar and start agent-lab again.
      The command line and the HTTP API need no console; /openapi.json describes the API.
      """;

  private static final Param<String> FILE = Param.pathText("file", "The path of the file.");
  private static final Param<String> REST = Param.pathText("rest", "What the view shows.");

  private final StaticFiles files;

  private ConsoleRoutes(StaticFiles files) {
    this.files = files;
  }

  static RouteGroup of(StaticFiles files) {
    return new RouteGroup(
        "",
        "Console",
        "The web console and the documentation.",
        ApiConventions.PAGES,
        ConsoleRoutes::toProblem,
        new ConsoleRoutes(files).routes());
  }

  private static Optional<Problem> toProblem(RuntimeException failure) {
    return failure instanceof UnknownFileException
        ? Optional.of(Problem.of(ProblemType.NOT_FOUND, String.valueOf(failure.getMessage())))
        : Optional.empty();
  }

  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    // A probe, because clients of models call it to see whether the service is there.
    routes.add(
        Route.get("/", "Get the console")
            .requires(Scope.PUBLIC)
            .probe()
            .returnsBytes(200)
            .handledBy(this::index));
    routes.add(route("/sign-in", this::index));
    for (String view : VIEWS) {
      routes.add(route("/" + view, this::index));
      routes.add(route("/%s/{rest*}".formatted(view), this::index, REST));
    }
    for (String name : ROOT_FILES) {
      routes.add(route("/" + name, request -> file(CONSOLE_FOLDER + name, REVALIDATED, request)));
    }
    routes.add(
        route(
            "/assets/{file*}",
            request -> file(CONSOLE_FOLDER + "assets/" + request.path(FILE), IMMUTABLE, request),
            FILE));
    routes.add(route("/{rest*}", this::unknownPage, REST));
    routes.add(route("/docs", request -> document("index", request)));
    routes.add(route("/docs/{file*}", request -> document(request.path(FILE), request), FILE));
    return routes;
  }

  private static Route route(
      String path, Function<Request<Void>, Response> handler, Param<?>... parameters) {
    return Route.get(path, "Get a file of the console")
        .requires(Scope.PUBLIC)
        .parameters(parameters)
        .returnsBytes(200, ProblemType.NOT_FOUND)
        .handledBy(handler);
  }

  private Response index(Request<?> request) {
    return files
        .find(INDEX)
        .map(page -> page.response(REVALIDATED, request))
        .orElseGet(() -> Response.text(200, "text/plain; charset=utf-8", NO_CONSOLE));
  }

  private Response unknownPage(Request<?> request) {
    Response page = file(INDEX, REVALIDATED, request);
    return page.status() == 200 ? new Response(404, page.headers(), page.content()) : page;
  }

  /// @param path of a page without its suffix, or of another file
  private Response document(String path, Request<?> request) {
    String page = path.isEmpty() ? "index" : path;
    return file(DOCS_FOLDER + (page.contains(".") ? page : page + ".html"), REVALIDATED, request);
  }

  private Response file(String path, String cacheControl, Request<?> request) {
    return files
        .find(path)
        .orElseThrow(() -> new UnknownFileException("no file matches " + request.rawPath()))
        .response(cacheControl, request);
  }
}

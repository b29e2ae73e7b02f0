package dev.agentlab.commands;

import dev.agentlab.json.Json;
import dev.agentlab.server.Canaries;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// Records the output of the service and its commands, and searches it for planted secrets.
final class LeakRecorder {
  private final Canaries canaries;
  private final TestServer server;

  /// The recorded texts by their source.
  private final Map<String, String> recordings = new TreeMap<>();

  LeakRecorder(Canaries canaries, TestServer server) {
    this.canaries = canaries;
    this.server = server;
  }

  Map<String, String> recordings() {
    return recordings;
  }

  void record(String what, String text) {
    recordings.put(what, text);
  }

  void record(String what, Answer answer) {
    recordings.put(
        "%04d %s: %d".formatted(recordings.size(), what, answer.status()),
        formatHeaders(answer) + answer.text());
  }

  private static String formatHeaders(Answer answer) {
    StringBuilder fields = new StringBuilder();
    answer
        .response()
        .headers()
        .map()
        .forEach((name, values) ->
            fields.append(
                "%s: %s\n".formatted(name.toLowerCase(Locale.ROOT), String.join(", ", values))));
    return fields.toString();
  }

  Answer send(String method, String path, String body) {
    return sendTo(method, path, body);
  }

  Answer sendTo(String method, String path, String body, String... headers) {
    BiFunction<String, String, Answer> call =
        switch (method.toUpperCase(Locale.ROOT)) {
          case "GET" -> (to, _) -> server.client().get(to, headers);
          case "DELETE" -> (to, _) -> server.client().delete(to, headers);
          case "PUT" -> (to, json) -> server.client().put(to, json, headers);
          default -> (to, json) -> server.client().post(to, json, headers);
        };
    Answer answer = call.apply(path, body);
    record(method + " " + path.replaceAll("\\?.*", "?…"), answer);
    return answer;
  }

  /// Plants a secret and returns it as JSON.
  ///
  /// @param where the place in which the secret is sent
  String plantJson(String where) {
    return Json.MAPPER.writeValueAsString(canaries.plant(where));
  }

  List<String> leaks(Map<String, String> texts) {
    List<String> leaks = new ArrayList<>();
    texts.forEach((where, text) ->
        canaries
            .in(text)
            .forEach(secret -> leaks.add(where + " contains the secret of " + secret)));
    return leaks;
  }
}

package dev.agentlab.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import java.net.URLEncoder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Generates distinct secrets and searches texts for them. Each secret identifies the place in
/// which it was used.
public final class Canaries {
  private static final String LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  private static final int HALF = 12;

  /// The length of the start by which forms are found; no form is shorter.
  private static final int START_LENGTH = HALF;

  /// Separates the halves of a secret; contains characters that encodings change. Either half
  /// counts as the secret.
  private static final String AWKWARD = "/+\"=";

  private final SecureRandom random = new SecureRandom();

  /// The forms to search for, by their start.
  private final Map<String, List<Form>> forms = new HashMap<>();

  private record Form(String where, String text) {}

  /// Generates a secret.
  ///
  /// @param where the place in which it is used
  public String plant(String where) {
    return known(where, half() + AWKWARD + half());
  }

  /// Generates a secret of letters and digits only.
  public String plantPlain(String where) {
    return known(where, half() + half());
  }

  /// Registers a secret that was generated elsewhere.
  public synchronized String known(String where, String secret) {
    List<String> halves =
        List.of(secret, secret.substring(0, HALF), secret.substring(secret.length() - HALF));
    halves.stream()
        .flatMap(Canaries::encodings)
        .map(form -> form.toLowerCase(Locale.ROOT))
        .distinct()
        .forEach(form ->
            forms
                .computeIfAbsent(form.substring(0, START_LENGTH), _ -> new ArrayList<>())
                .add(new Form(where, form)));
    return secret;
  }

  /// Stops the search for the secrets of a place.
  public synchronized void forget(String where) {
    forms.values().forEach(all -> all.removeIf(it -> it.where().equals(where)));
  }

  /// The places whose secrets a text contains in any encoding.
  public synchronized List<String> in(String text) {
    String small = text.toLowerCase(Locale.ROOT);
    Set<String> found = new LinkedHashSet<>();
    for (int i = 0; i + START_LENGTH <= small.length(); i++) {
      for (Form form : forms.getOrDefault(small.substring(i, i + START_LENGTH), List.of())) {
        if (small.startsWith(form.text(), i)) {
          found.add(form.where());
        }
      }
    }
    return List.copyOf(found);
  }

  /// The encodings of a text in responses, logs and dumps.
  public static Stream<String> encodings(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    String json = Json.MAPPER.writeValueAsString(text);
    return Stream.concat(
        Stream.of(
            text,
            new StringBuilder(text).reverse().toString(),
            json.substring(1, json.length() - 1),
            URLEncoder.encode(text, UTF_8),
            HexFormat.of().formatHex(bytes)),
        IntStream.range(0, 3).boxed().flatMap(before -> base64(bytes, before)));
  }

  /// The characters of Base64 that encode only the text, if other bytes precede it.
  ///
  /// @param before the number of preceding bytes
  private static Stream<String> base64(byte[] text, int before) {
    byte[] bytes = new byte[before + text.length];
    System.arraycopy(text, 0, bytes, before, text.length);
    String all = Base64.getEncoder().encodeToString(bytes);
    String own = all.substring((8 * before + 5) / 6, 8 * bytes.length / 6);
    return Stream.of(own, own.replace('+', '-').replace('/', '_'));
  }

  private String half() {
    StringBuilder half = new StringBuilder();
    for (int i = 0; i < HALF; i++) {
      half.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return half.toString();
  }
}

package dev.agentlab.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import java.net.URLEncoder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Secrets that are planted to be looked for: each distinct, so that one that turns up tells where
/// it was given.
public final class Canaries {
  private static final String LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  private static final int HALF = 12;

  /// Between the halves of one: what encodings have to change. Either half gives it away too.
  private static final String AWKWARD = "/+\"=";

  private final SecureRandom random = new SecureRandom();
  private final Map<String, List<String>> forms = new LinkedHashMap<>();

  /// A new one.
  ///
  /// @param where it is going to be given
  public String plant(String where) {
    return known(where, half() + AWKWARD + half());
  }

  /// One that is written where only letters and digits may be.
  public String plantPlain(String where) {
    return known(where, half() + half());
  }

  /// Looks for a secret that was made elsewhere.
  public synchronized String known(String where, String secret) {
    List<String> halves =
        List.of(secret, secret.substring(0, HALF), secret.substring(secret.length() - HALF));
    forms.merge(
        where,
        halves.stream()
            .flatMap(Canaries::encodings)
            .map(form -> form.toLowerCase(Locale.ROOT))
            .distinct()
            .toList(),
        (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
    return secret;
  }

  /// Looks no more for what was planted there.
  public synchronized void forget(String where) {
    forms.remove(where);
  }

  /// Where the secrets were given that stand in a text, in whatever encoding.
  public synchronized List<String> in(String text) {
    String small = text.toLowerCase(Locale.ROOT);
    List<String> found = new ArrayList<>();
    forms.forEach((where, all) -> {
      if (all.stream().anyMatch(small::contains)) {
        found.add(where);
      }
    });
    return found;
  }

  /// A text as answers, logs and dumps may hold it.
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

  /// What of Base64 is the text's alone, when so many bytes stand before it.
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

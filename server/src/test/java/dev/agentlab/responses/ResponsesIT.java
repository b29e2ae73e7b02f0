package dev.agentlab.responses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.vault.TestVault;
import dev.agentlab.vault.Vault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResponsesIT {
  private static final Caller ANN = caller(Caller.Kind.KEY, "ann");
  private static final Caller BOB = caller(Caller.Kind.KEY, "bob");
  private static final String SECRET_INPUT = "[\"a secret question\"]";
  private static final String SECRET_OUTPUT = "{\"output\": \"a secret answer\"}";

  private static final Executor EACH = Thread::startVirtualThread;

  private final Database database = TestPostgres.start(TestPostgres.migratedDatabase());
  private final Vault vault = TestVault.start(database);
  private final Responses responses =
      responses(new RetentionLimits(Duration.ofHours(1), 100, 1 << 20));

  @AfterEach
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  private Responses responses(RetentionLimits limits) {
    return Responses.of(database, vault, limits);
  }

  private static Caller caller(Caller.Kind kind, String id) {
    return new Caller(kind, id, id, GrantSet.NONE);
  }

  private static StoredResponse response(String id, Optional<String> previous) {
    return new StoredResponse(
        id,
        previous,
        "smart",
        "claude",
        Optional.of(new StoredResponse.Content(SECRET_INPUT, SECRET_OUTPUT)));
  }

  private static StoredResponse response(String id) {
    return response(id, Optional.empty());
  }

  private static Map<String, StoredResponse> find(Responses in, Caller caller, List<String> ids) {
    return in.find(caller, ids, _ -> {});
  }

  private List<StoredResponse> findConversation(Caller caller, String id) {
    return responses.findConversation(caller, id, _ -> {});
  }

  @Test
  void callerFindsWhatItKept() {
    StoredResponse kept = response("resp_1");
    responses.save(ANN, kept);
    assertThat(find(responses, ANN, List.of("resp_1", "resp_2")))
        .containsOnlyKeys("resp_1")
        .containsValue(kept);
  }

  @Test
  void responseOfAProviderHasNoContent() {
    StoredResponse kept = responseOfProvider("resp_1");
    responses.save(ANN, kept);
    assertThat(find(responses, ANN, List.of("resp_1"))).containsValue(kept);
  }

  @Test
  void otherCallersFindNothing() {
    responses.save(ANN, response("resp_1"));
    for (Caller other : List.of(BOB, caller(Caller.Kind.TOKEN, "ann"))) {
      assertThat(find(responses, other, List.of("resp_1"))).isEmpty();
      assertThat(findConversation(other, "resp_1")).isEmpty();
      assertThat(responses.delete(other, "resp_1")).isFalse();
    }
    assertThat(find(responses, ANN, List.of("resp_1"))).isNotEmpty();
  }

  @Test
  void conversationBeginsWithTheOldestResponse() {
    responses.save(ANN, response("resp_1"));
    responses.save(ANN, response("resp_2", Optional.of("resp_1")));
    responses.save(ANN, response("resp_3", Optional.of("resp_2")));
    assertThat(findConversation(ANN, "resp_3"))
        .extracting(StoredResponse::id)
        .containsExactly("resp_1", "resp_2", "resp_3");
  }

  @Test
  void conversationOfAnotherCallerIsNotContinued() {
    responses.save(ANN, response("resp_1"));
    responses.save(BOB, response("resp_2", Optional.of("resp_1")));
    assertThat(findConversation(BOB, "resp_2"))
        .singleElement()
        .satisfies(only -> assertThat(only.previous()).contains("resp_1"));
  }

  @Test
  void tooLargeConversationIsRejected() {
    responses.save(ANN, response("resp_1"));
    // The size is generated from the content.
    execute("UPDATE responses SET content = repeat('x', 40000000)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> findConversation(ANN, "resp_1"))
        .withMessageContaining("previous_response_id");
  }

  @Test
  void tooLongConversationIsRejected() {
    responses.save(ANN, response("resp_0"));
    String copy =
        """
        INSERT INTO responses (owner, id, previous, model, provider, content, expires_at)
        SELECT owner, 'resp_' || n, 'resp_' || (n - 1), model, provider, 'x', expires_at
        FROM responses, generate_series(1, 1000) AS n
        """;
    execute(copy);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> findConversation(ANN, "resp_1000"))
        .withMessageContaining("previous_response_id")
        .withMessageContaining("1000 responses");
    // This one is not too long: its contents are read.
    assertThatExceptionOfType(UnreadableSecretException.class)
        .isThrownBy(() -> findConversation(ANN, "resp_999"));
  }

  @Test
  void conversationBeginsWithAResponseThatAProviderKeeps() {
    responses.save(ANN, response("resp_1"));
    responses.save(
        ANN,
        new StoredResponse("resp_2", Optional.of("resp_1"), "gpt", "openai", Optional.empty()));
    responses.save(ANN, response("resp_3", Optional.of("resp_2")));
    assertThat(findConversation(ANN, "resp_3"))
        .extracting(StoredResponse::id)
        .containsExactly("resp_2", "resp_3");
  }

  @Test
  void contentIsReadOnceItsSizeIsReserved() {
    responses.save(ANN, response("resp_1"));
    responses.save(ANN, response("resp_2", Optional.of("resp_1")));
    List<Long> reserved = new ArrayList<>();
    assertThat(responses.find(ANN, "resp_1", reserved::add)).isPresent();
    assertThat(responses.find(ANN, List.of("resp_1", "resp_2"), reserved::add)).hasSize(2);
    assertThat(responses.findConversation(ANN, "resp_2", reserved::add)).hasSize(2);
    long size = reserved.getFirst();
    assertThat(size).isGreaterThan(SECRET_INPUT.length() + SECRET_OUTPUT.length());
    assertThat(reserved).containsExactly(size, 2 * size, 2 * size);

    UnavailableException full = new UnavailableException("full", Duration.ofSeconds(1));
    execute("UPDATE responses SET content = 'unreadable'");
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() ->
            responses.findConversation(
                ANN,
                "resp_2",
                _ -> {
                  throw full;
                }));
  }

  @Test
  void contentIsUnreadableInTheDatabase() {
    responses.save(ANN, response("resp_1"));
    String row =
        database.read(connection ->
            new SqlStatement(connection, "SELECT to_jsonb(responses)::text AS json FROM responses")
                .one(found -> found.text("json")));
    assertThat(row).contains("resp_1").doesNotContain("secret", "question");
  }

  @Test
  void contentMovedToAnotherResponseIsUnreadable() {
    responses.save(ANN, response("resp_1"));
    responses.save(ANN, response("resp_2"));
    execute(
        "UPDATE responses SET content = (SELECT content FROM responses WHERE id = 'resp_1')"
            + " WHERE id = 'resp_2'");
    assertThatExceptionOfType(UnreadableSecretException.class)
        .isThrownBy(() -> find(responses, ANN, List.of("resp_2")));
  }

  @Test
  void deletedResponseIsGone() {
    responses.save(ANN, response("resp_1"));
    assertThat(responses.delete(ANN, "resp_1")).isTrue();
    assertThat(responses.delete(ANN, "resp_1")).isFalse();
    assertThat(find(responses, ANN, List.of("resp_1"))).isEmpty();
  }

  @Test
  void expiredResponseIsNotFoundAndIsSwept() {
    responses.save(ANN, response("resp_1"));
    responses.save(ANN, response("resp_2", Optional.of("resp_1")));
    execute("UPDATE responses SET expires_at = now() WHERE id = 'resp_1'");
    assertThat(find(responses, ANN, List.of("resp_1"))).isEmpty();
    assertThat(findConversation(ANN, "resp_2"))
        .extracting(StoredResponse::id)
        .containsExactly("resp_2");
    assertThat(responses.sweep()).isEqualTo(1);
    assertThat(responses.sweep()).isZero();
  }

  @Test
  void sweepDeletesTheDataKeyOfACallerWithoutResponses() {
    responses.save(ANN, response("resp_1"));
    responses.save(BOB, response("resp_1"));
    assertThat(dataKeys()).isEqualTo(2);
    assertThat(responses.delete(ANN, "resp_1")).isTrue();
    assertThat(responses.sweep()).isZero();
    assertThat(dataKeys()).isEqualTo(1);
    assertThat(find(responses, BOB, List.of("resp_1"))).isNotEmpty();
  }

  private long dataKeys() {
    String sql = "SELECT count(*) AS n FROM data_keys WHERE owner_table = 'response_owners'";
    return database.read(
        connection -> new SqlStatement(connection, sql).one(row -> row.number("n")));
  }

  @Test
  void sweepDeletesTheOldestOfTooManyResponses() {
    Responses few = responses(new RetentionLimits(Duration.ofHours(1), 2, 1 << 20));
    for (int i = 0; i < 5; i++) {
      few.save(ANN, response("resp_" + i));
    }
    few.save(BOB, response("resp_0"));
    assertThat(few.sweep()).isEqualTo(3);
    assertThat(find(few, ANN, List.of("resp_0", "resp_1", "resp_2", "resp_3", "resp_4")))
        .containsOnlyKeys("resp_3", "resp_4");
    assertThat(find(few, BOB, List.of("resp_0"))).isNotEmpty();
  }

  @Test
  void responsesOfProvidersDoNotCount() {
    Responses few = responses(new RetentionLimits(Duration.ofHours(1), 2, 1 << 20));
    few.save(ANN, response("resp_0"));
    for (int i = 1; i < 5; i++) {
      few.save(ANN, responseOfProvider("resp_" + i));
    }
    few.save(ANN, response("resp_5"));
    assertThat(few.sweep()).isZero();
    assertThat(find(few, ANN, List.of("resp_0", "resp_1", "resp_5"))).hasSize(3);
  }

  private static StoredResponse responseOfProvider(String id) {
    return new StoredResponse(id, Optional.empty(), "gpt", "openai", Optional.empty());
  }

  @Test
  void sweepDeletesTheOldestOfTooLargeResponses() {
    Responses small = responses(new RetentionLimits(Duration.ofHours(1), 100, 2_500));
    for (int i = 0; i < 4; i++) {
      small.save(ANN, response("resp_" + i));
    }
    execute("UPDATE responses SET content = repeat('x', 1000)");
    assertThat(small.sweep()).isEqualTo(2);
    execute("UPDATE responses SET content = NULL");
    assertThat(find(small, ANN, List.of("resp_0", "resp_1", "resp_2", "resp_3")))
        .containsOnlyKeys("resp_2", "resp_3");
  }

  @Test
  void firstResponsesOfACallerMayBeKeptAtOnce() {
    List<CompletableFuture<Void>> saves =
        IntStream.range(0, 8)
            .mapToObj(i ->
                CompletableFuture.runAsync(() -> responses.save(ANN, response("resp_" + i)), EACH))
            .toList();
    saves.forEach(CompletableFuture::join);
    assertThat(dataKeys()).isEqualTo(1);
    assertThat(find(responses, ANN, List.of("resp_0", "resp_7"))).hasSize(2);
  }

  @Test
  void responseOfACallerWhoseOtherResponsesAreGoneIsKept() {
    responses.save(ANN, response("resp_1"));
    assertThat(responses.delete(ANN, "resp_1")).isTrue();
    assertThat(responses.sweep()).isZero();
    assertThat(dataKeys()).isZero();

    responses.save(ANN, response("resp_2"));

    assertThat(find(responses, ANN, List.of("resp_2"))).containsValue(response("resp_2"));
  }

  @Test
  void responseThatCannotBeKeptDoesNotAffectThoseBesideIt() {
    List<CompletableFuture<Void>> saves =
        IntStream.range(0, 64)
            .mapToObj(i -> {
              String id = i % 8 == 0 ? "resp_\0" + i : "resp_" + i;
              return CompletableFuture.runAsync(() -> responses.save(ANN, response(id)), EACH);
            })
            .toList();
    List<Boolean> failed =
        saves.stream().map(it -> it.handle((_, thrown) -> thrown != null).join()).toList();

    for (int i = 0; i < 64; i++) {
      assertThat(failed.get(i)).as("response %d", i).isEqualTo(i % 8 == 0);
    }
    assertThat(find(responses, ANN, IntStream.range(0, 64).mapToObj(i -> "resp_" + i).toList()))
        .hasSize(56);
  }

  @Test
  void responseIsKeptOnceUnderItsId() {
    StoredResponse first = response("resp_1");
    responses.save(ANN, first);
    responses.save(ANN, responseOfProvider("resp_1"));
    assertThat(find(responses, ANN, List.of("resp_1"))).containsValue(first);
  }

  private void execute(String sql) {
    int _ = database.write(connection -> new SqlStatement(connection, sql).update());
  }
}

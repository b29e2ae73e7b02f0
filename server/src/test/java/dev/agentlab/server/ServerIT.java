package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.Migration;
import dev.agentlab.testing.Await;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// The routes about the service itself: health, metrics and the API description.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerIT {
  @RegisterExtension private final TestServer server = new TestServer();

  @Test
  void livenessAndReadinessAreShortText() {
    assertThat(server.client().get("/healthz").text()).isEqualTo("OK");
    assertThat(server.client().get("/readyz").text()).isEqualTo("READY");
  }

  @Test
  void readinessNamesTheMissingMigration() {
    String latest = Migration.ALL.getLast().name();
    TestServer other = new TestServer();
    other.start();
    try {
      other.execute("UPDATE agent_lab_migrations SET version = version - 1");
      Await.value(503, () -> other.client().get("/readyz").status());
      assertThat(other.client().get("/readyz/calls").text()).isEqualTo("READY");
      assertThat(other.client().get("/readyz").text())
          .startsWith("NOT READY\n")
          .contains("lacks the migration " + latest, "migrate -up");

      other.execute("DELETE FROM agent_lab_migrations");
      Await.until(
          "the first migration is named",
          () -> other.client().get("/readyz").text().contains("000001_initial_schema"));

      other.execute(
          "INSERT INTO agent_lab_migrations (version) VALUES (%d)"
              .formatted(Migration.ALL.getLast().version() + 1));
      Await.value("READY", () -> other.client().get("/readyz").text());

      other.execute("DROP TABLE agent_lab_migrations");
      Await.value(503, () -> other.client().get("/readyz").status());
    } finally {
      other.stop();
    }
  }

  @Test
  void probesAndMetricsIgnoreUnknownQueryParameters() {
    for (String path : List.of("/healthz?t=1", "/readyz?verbose", "/metrics?x&x")) {
      assertThat(server.client().get(path).status()).isEqualTo(200);
    }
    assertThat(server.client().get("/api/providers?verbose").status()).isEqualTo(400);
  }

  @Test
  void metricsIncludeRequestsTheConnectionPoolAndTheJvm() {
    server.client().get("/api/providers");
    server.client().get("/api/providers/none");
    String metrics = server.client().get("/metrics").text();
    assertThat(metrics)
        .contains(
            "http_server_requests_seconds_bucket",
            "route=\"/api/providers\"",
            "route=\"/api/providers/{id}\"",
            "status=\"404\"",
            "hikaricp_connections",
            "jvm_memory_used_bytes");
  }

  @Test
  void apiDescriptionContainsEveryRoute() {
    JsonNode document = server.client().get("/openapi.json").json();
    assertThat(document.get("openapi").asString()).startsWith("3.1");
    assertThat(document.get("paths").propertyNames())
        .contains(
            "/api/providers",
            "/api/providers/{id}",
            "/api/providers/search",
            "/api/providers/probe",
            "/api/providers/{id}/probe",
            "/api/providers/{id}/models",
            "/api/providers/{id}/dependents",
            "/api/provider-kinds",
            "/api/agents",
            "/api/agents/{id}",
            "/api/agents/search",
            "/api/agents/{id}/revisions",
            "/api/agents/{id}/revisions/{revision}",
            "/api/agents/{id}/revisions/{revision}/restore",
            "/api/audit",
            "/api/audit/{seq}",
            "/api/audit/verify",
            "/api/calls",
            "/api/calls/{id}",
            "/healthz",
            "/readyz",
            "/readyz/calls",
            "/metrics",
            "/openapi.json");
  }

  /// Generated clients derive function names from them.
  @Test
  void operationIdsAreStable() {
    JsonNode document = server.client().get("/openapi.json").json();

    assertThat(document.findValuesAsString("operationId"))
        .containsExactlyInAnyOrder(
            "createAgent",
            "createChatCompletion",
            "createEmbeddings",
            "createKey",
            "createOwnKey",
            "createProvider",
            "createRoute",
            "createSignInLink",
            "createToolCompletion",
            "createVisionCompletion",
            "deleteAgent",
            "deleteProvider",
            "deleteRoute",
            "explainRoute",
            "getAbout",
            "getAgent",
            "getAgentRevision",
            "getApiDescription",
            "getAuditEvent",
            "getCall",
            "getCallReadiness",
            "getCaller",
            "getEncryptionStatus",
            "getKey",
            "getLiveness",
            "getMetrics",
            "getOverview",
            "getProvider",
            "getReadiness",
            "getRoute",
            "getRouteRevision",
            "getRouteStatistics",
            "getSession",
            "getSignInMethods",
            "listAgentDependents",
            "listAgentRevisions",
            "listAgents",
            "listAuditEvents",
            "listCalls",
            "listKeys",
            "listOwnCalls",
            "listOwnKeys",
            "listProviderDependents",
            "listProviderHealth",
            "listProviderKinds",
            "listProviderModels",
            "listProviders",
            "listRouteDependents",
            "listRouteRevisions",
            "listRoutes",
            "listScopes",
            "probeProvider",
            "probeProviderConfig",
            "replaceAgent",
            "replaceProvider",
            "replaceRoute",
            "restoreAgentRevision",
            "restoreRouteRevision",
            "revokeKey",
            "revokeOwnKey",
            "rotateEncryptionKey",
            "rotateKey",
            "rotateOwnKey",
            "searchAgents",
            "searchProviders",
            "searchRoutes",
            "signIn",
            "signOut",
            "streamChatCompletion",
            "streamVisionCompletion",
            "verifyAuditTrail");
  }

  /// Generated clients derive type names from them.
  @Test
  void schemaNamesAreStable() {
    JsonNode document = server.client().get("/openapi.json").json();

    assertThat(document.at("/components/schemas").propertyNames())
        .containsExactlyInAnyOrder(
            "About",
            "Agent",
            "AgentConfig",
            "AgentConfigInput",
            "AgentDependent",
            "AgentDependents",
            "AgentInput",
            "AgentPage",
            "AgentRevision",
            "AgentRevisionPage",
            "AnthropicConfig",
            "ApiKey",
            "ApiKeyInput",
            "ApiKeyPage",
            "ApiKeyRotation",
            "ApiKeySecret",
            "AssistantMessage",
            "AuditDefect",
            "AuditEvent",
            "AuditEventPage",
            "AuditHash",
            "AuditHead",
            "AuditReport",
            "AuditVerification",
            "AuditedState",
            "AzureConfig",
            "BedrockConfig",
            "Call",
            "CallAttempt",
            "CallCaller",
            "CallDecision",
            "CallLatency",
            "CallMinute",
            "CallPage",
            "CallRevision",
            "CallStatistics",
            "CallTokens",
            "CallerInfo",
            "CapabilityOptions",
            "ChatAnswer",
            "ChatChoice",
            "ChatChunkChoice",
            "ChatCompletion",
            "ChatCompletionChunk",
            "ChatDelta",
            "ChatMessage",
            "ChatRequest",
            "ChatStreamRequest",
            "ClientSettings",
            "ContentPart",
            "DatabaseInfo",
            "DeveloperMessage",
            "Embedding",
            "EmbeddingList",
            "EmbeddingsInput",
            "EmbeddingsRequest",
            "EncryptionKeyRotation",
            "EncryptionStatus",
            "ExpiringKey",
            "FailedCall",
            "FieldError",
            "FunctionMessage",
            "GeminiConfig",
            "GroqConfig",
            "IdentityProvider",
            "InlineProviderConfig",
            "MistralConfig",
            "Model",
            "ModelList",
            "ModelRoute",
            "ModelRouteConfig",
            "ModelRouteConfigInput",
            "ModelRouteInput",
            "ModelRoutePage",
            "ModelRouteRevision",
            "ModelRouteRevisionPage",
            "ModelSettings",
            "OllamaConfig",
            "OpenCircuitBreaker",
            "OpenaiCompatibleConfig",
            "OpenaiConfig",
            "OpenrouterConfig",
            "Overview",
            "OverviewAttention",
            "OverviewHealth",
            "ProbeInput",
            "ProbeReport",
            "ProbeStage",
            "Problem",
            "ProblemBlocker",
            "ProblemUpstream",
            "Provider",
            "ProviderConfig",
            "ProviderConfigInput",
            "ProviderDependent",
            "ProviderDependents",
            "ProviderHealth",
            "ProviderHealthList",
            "ProviderInput",
            "ProviderKind",
            "ProviderKindList",
            "ProviderPage",
            "RecentCall",
            "RecentCallList",
            "Replica",
            "ResourceCount",
            "RestrictedScope",
            "RetrySettings",
            "RouteDependent",
            "RouteDependents",
            "RouteExplainRequest",
            "RouteExplanation",
            "RouteParameters",
            "RoutePeriod",
            "RouteStatistics",
            "RouteTarget",
            "RouteTotals",
            "ScopeInfo",
            "ScopeList",
            "SearchRequest",
            "SecretFromEnvironment",
            "SecretFromFile",
            "SecretInput",
            "Session",
            "SessionInput",
            "SettingInfo",
            "SignInLink",
            "SignInMethods",
            "SimulatedConfig",
            "SkippedTarget",
            "Sort",
            "StaleReplica",
            "StreamError",
            "StreamErrorUpstream",
            "SystemMessage",
            "TargetTotals",
            "TokenUsage",
            "ToolCall",
            "ToolDefinition",
            "ToolMessage",
            "ToolsRequest",
            "UserMessage",
            "VisionRequest",
            "VllmConfig");
  }

  @Test
  void unknownPathIsNotFound() {
    TestClient.Answer answer = server.client().get("/api/nothing");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("error").asString()).isNotBlank();
    assertThat(answer.json().get("request_id").asString()).isEqualTo(answer.header("X-Request-Id"));
  }
}

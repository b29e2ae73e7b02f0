package dev.agentlab.agents.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentConfig;
import dev.agentlab.agents.ModelSettings;
import dev.agentlab.agents.ProviderReference;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.Capability;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.RetryPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class AgentModelTest {
  private static final CallPolicy POLICY =
      new CallPolicy(
          Duration.ofSeconds(1),
          new RetryPolicy(0, Duration.ZERO, Duration.ZERO, 1, false),
          1,
          Duration.ofSeconds(1));

  private static ObjectNode json(String text) {
    return Json.MAPPER.readTree(text).asObject();
  }

  private static AgentModel agent() {
    ProviderKinds kinds = ProviderKinds.standard();
    ProviderConfig provider =
        kinds.parse(json("{\"name\": \"openai\", \"options\": {\"api_key\": \"k-0123456789\"}}"));
    AgentConfig config =
        new AgentConfig(
            Optional.empty(),
            "Be brief.",
            POLICY,
            new ProviderReference.Inline(provider),
            new ModelSettings(
                "gpt-x",
                Map.of(
                    Capability.CHAT,
                    json("{\"max_tokens\": 9, \"temperature\": 0.3, \"verbosity\": \"low\"}"),
                    Capability.TOOLS,
                    json("{\"temperature\": 0, \"tools\": [{\"type\": \"web_search\"}]}"))));
    return new AgentModel(
        new CallSource.CalledAgent(UUID.randomUUID(), "helper", 1),
        Optional.of(new CallTarget("openai", "helper", kinds.build(provider), "gpt-x", POLICY)),
        config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          RESPONSES             | {"input":"Hi"}            | {"input":"Hi","instructions":"Be brief.","max_output_tokens":9,"temperature":0.3,"text":{"verbosity":"low"}}
          RESPONSES             | {"input":"Hi","tools":[]} | {"input":"Hi","tools":[],"instructions":"Be brief.","max_output_tokens":9,"temperature":0,"text":{"verbosity":"low"}}
          COUNT_RESPONSE_TOKENS | {"input":"Hi"}            | {"input":"Hi","instructions":"Be brief.","text":{"verbosity":"low"}}
          COMPACT_RESPONSE      | {"input":"Hi"}            | {"input":"Hi","instructions":"Be brief."}
          """)
  void promptAndOptionsApplyToResponses(Operation operation, String request, String expected) {
    AgentModel agent = agent();

    ProviderRequest wire =
        agent
            .target()
            .orElseThrow()
            .callable()
            .dialect()
            .translateRequest(agent.apply(ModelRequest.parse(operation, request.getBytes(UTF_8))));

    assertThat(new String(wire.body(), UTF_8)).isEqualTo(expected);
    assertThat(wire.path()).isEqualTo(operation.path());
  }
}

package dev.agentlab.llm;

import dev.agentlab.secrets.Secret;
import dev.agentlab.wire.OpenAi;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;

/// A deployment of Azure OpenAI, addressed by its name and an API version
/// (https://learn.microsoft.com/azure/ai-foundry/openai/reference).
final class Azure {
  /// Lists the models of a resource; a deployment's own API version need not know that call.
  private static final String MODELS_VERSION = "2024-10-21";

  static final ProviderKind KIND =
      new ProviderKind(
          "azure",
          "Azure",
          "A model deployed in Azure OpenAI.",
          Option.url(
                  "base_url",
                  "The resource's address with /openai, such as"
                      + " https://my-resource.openai.azure.com/openai.")
              .mustBeGiven(),
          List.of(
              Option.text("deployment", "The name of the deployment.")
                  .mustBeGiven()
                  .check(Checks::pathSegment),
              Option.choice(
                      "auth_type",
                      "How the token is sent: api_key in the api-key header, bearer in"
                          + " Authorization.",
                      "api_key",
                      "bearer")
                  .mustBeGiven(),
              Option.secret("token", "A key of the resource, or an Entra access token.")
                  .mustBeGiven(),
              Option.text("api_version", "The version of the API to call, such as 2024-10-21.")
                  .mustBeGiven()),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Compare base_url with the endpoint that the Azure portal shows for the resource.",
              "base_url should end in /openai, such as https://my-resource.openai.azure.com/openai.",
              "The resource offers no model; deploy one in the Azure portal."),
          Azure::build);

  private Azure() {}

  private static LlmProvider build(ProviderConfig config) {
    String url = config.baseUrl();
    String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    return new LlmProvider(
        KIND,
        OpenAi.with(),
        base + "/deployments/" + encoded(config.given("deployment")),
        "?api-version=" + encoded(config.given("api_version")),
        ModelListing.openAi(URI.create(base + "/models?api-version=" + MODELS_VERSION)),
        config.secret("token").map(token -> credential(config, token)));
  }

  private static Credential credential(ProviderConfig config, Secret token) {
    return config.given("auth_type").equals("bearer")
        ? Credential.bearer(token)
        : Credential.in("api-key", token);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

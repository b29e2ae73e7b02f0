package dev.agentlab.http.openapi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.json.Json;
import dev.agentlab.json.MemberNames;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaExactlyOne;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.secrets.Secret;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Generates JSON Schemas (2020-12) of request and response types, as the JSON mapper reads and
/// writes them. Each record becomes a component, which other schemas reference.
final class SchemaGenerator {
  private static final String COMPONENTS = "#/components/schemas/";

  /// An object with arbitrary members. Explicit, because client generators treat a plain object as
  /// empty.
  private static final String ANY_OBJECT = "{'type': 'object', 'additionalProperties': true}";

  private static final Map<Class<?>, String> BASIC_SCHEMAS =
      Map.ofEntries(
          Map.entry(String.class, "{'type': 'string'}"),
          Map.entry(UUID.class, "{'type': 'string', 'format': 'uuid'}"),
          Map.entry(Instant.class, "{'type': 'string', 'format': 'date-time'}"),
          Map.entry(URI.class, "{'type': 'string', 'format': 'uri'}"),
          Map.entry(boolean.class, "{'type': 'boolean'}"),
          Map.entry(Boolean.class, "{'type': 'boolean'}"),
          Map.entry(int.class, "{'type': 'integer', 'format': 'int32'}"),
          Map.entry(Integer.class, "{'type': 'integer', 'format': 'int32'}"),
          Map.entry(long.class, "{'type': 'integer', 'format': 'int64'}"),
          Map.entry(Long.class, "{'type': 'integer', 'format': 'int64'}"),
          Map.entry(BigInteger.class, "{'type': 'integer'}"),
          Map.entry(double.class, "{'type': 'number'}"),
          Map.entry(Double.class, "{'type': 'number'}"),
          Map.entry(BigDecimal.class, "{'type': 'number'}"),
          Map.entry(Secret.class, "{'type': 'string', 'format': 'password', 'writeOnly': true}"),
          Map.entry(ObjectNode.class, ANY_OBJECT),
          Map.entry(JsonNode.class, "{}"),
          Map.entry(Object.class, "{}"));

  private final Map<Class<?>, JsonNode> customSchemas;
  private final Map<String, JsonNode> components = new TreeMap<>();
  private final Map<String, Object> named = new HashMap<>();

  /// @param customSchemas schemas of types that need their own, such as those with alternatives
  SchemaGenerator(Map<Class<?>, JsonNode> customSchemas) {
    this.customSchemas = customSchemas;
  }

  /// The referenced schemas, by name.
  ObjectNode components() {
    ObjectNode all = Json.MAPPER.createObjectNode();
    components.forEach(all::set);
    return all;
  }

  /// Returns the schema of a type, or a reference to it.
  ///
  /// @throws IllegalArgumentException if the type has no schema
  ObjectNode of(Type type) {
    return of(type, Map.of());
  }

  /// Returns the schema of a record with one type argument, such as a page.
  ObjectNode of(Class<?> generic, Class<?> element) {
    TypeVariable<?> parameter = generic.getTypeParameters()[0];
    return record(generic, name(element) + name(generic), Map.of(parameter, element));
  }

  /// @param bound the types that replace others, such as the type argument of a page
  private ObjectNode of(Type type, Map<Type, Type> bound) {
    return switch (bound.getOrDefault(type, type)) {
      case Class<?> plain -> of(plain);
      case TypeVariable<?> _ -> of(Object.class);
      case WildcardType wildcard -> of(wildcard.getUpperBounds()[0], bound);
      case ParameterizedType generic -> of(generic, bound);
      default -> throw unknown(type);
    };
  }

  private ObjectNode of(Class<?> type) {
    JsonNode custom = customSchemas.get(type);
    if (custom != null) {
      return named(name(type), custom);
    }
    String basic = BASIC_SCHEMAS.get(type);
    if (basic != null) {
      return read(basic);
    }
    if (type.isEnum()) {
      return enumeration(type);
    }
    if (type.isRecord()) {
      return record(type, name(type), Map.of());
    }
    if (Map.class.isAssignableFrom(type)) {
      return read(ANY_OBJECT);
    }
    throw unknown(type);
  }

  private ObjectNode of(ParameterizedType type, Map<Type, Type> bound) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] arguments = type.getActualTypeArguments();
    if (raw == Optional.class) {
      return nullable(of(arguments[0], bound));
    }
    if (Collection.class.isAssignableFrom(raw)) {
      ObjectNode list = read("{'type': 'array'}");
      list.set("items", of(arguments[0], bound));
      return list;
    }
    if (Map.class.isAssignableFrom(raw)) {
      ObjectNode map = read("{'type': 'object'}");
      map.set("additionalProperties", of(arguments[1], bound));
      return map;
    }
    if (raw.isRecord() && arguments.length == 1 && arguments[0] instanceof Class<?> element) {
      return of(raw, element);
    }
    throw unknown(type);
  }

  private ObjectNode record(Class<?> type, String name, Map<Type, Type> bound) {
    return component(
        name,
        bound.isEmpty() ? type : bound,
        () -> {
          ObjectNode schema = read("{'type': 'object'}");
          ObjectNode properties = schema.putObject("properties");
          ArrayNode required = schema.putArray("required");
          schema.put("additionalProperties", false);
          for (RecordComponent part : type.getRecordComponents()) {
            if (MemberNames.isCatchAll(part)) {
              schema.set("additionalProperties", withDescription(read("{}"), part));
              continue;
            }
            String member = MemberNames.of(part);
            properties.set(
                member,
                withDescription(
                    withBounds(of(part.getGenericType(), replacementsFor(part, bound)), part),
                    part));
            if (part.getType() != Optional.class) {
              required.add(member);
            }
          }
          readOnly(type).forEach(properties::set);
          requireExactlyOne(schema, type);
          return withDescription(schema, type);
        });
  }

  /// The read-only members, which a request may repeat from a response.
  private static Map<String, JsonNode> readOnly(Class<?> type) {
    Map<String, JsonNode> members = new LinkedHashMap<>();
    JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
    if (ignored != null) {
      for (String name : ignored.value()) {
        members.put(name, read("{'description': 'Ignored in requests.', 'readOnly': true}"));
      }
    }
    return members;
  }

  private static Map<Type, Type> replacementsFor(RecordComponent part, Map<Type, Type> bound) {
    SchemaFrom from = part.getAnnotation(SchemaFrom.class);
    if (from == null) {
      return bound;
    }
    Map<Type, Type> all = new HashMap<>(bound);
    all.put(JsonNode.class, from.value());
    all.put(ObjectNode.class, from.value());
    return all;
  }

  /// Adds a schema and its `$defs` as components, and returns a reference to it.
  ///
  /// @throws IllegalArgumentException if another schema has the same name
  ObjectNode named(String name, JsonNode schema) {
    ObjectNode copy = (ObjectNode) schema.deepCopy();
    JsonNode definitions = copy.remove("$defs");
    if (definitions != null) {
      definitions.forEachEntry(this::named);
    }
    JsonNode moved = Json.MAPPER.readTree(copy.toString().replace("\"#/$defs/", "\"" + COMPONENTS));
    return component(name, moved, () -> moved);
  }

  /// Adds a component if it is absent, and returns a reference to it.
  ///
  /// @param identity the key that the name must identify uniquely
  private ObjectNode component(String name, Object identity, Supplier<JsonNode> schema) {
    Object existing = named.putIfAbsent(name, identity);
    if (existing == null) {
      components.put(name, schema.get());
    } else if (!existing.equals(identity)) {
      throw new IllegalArgumentException(
          "duplicate schema name %s: %s and %s".formatted(name, existing, identity));
    }
    ObjectNode reference = Json.MAPPER.createObjectNode();
    return reference.put("$ref", COMPONENTS + name);
  }

  private static ObjectNode nullable(ObjectNode schema) {
    if (schema.isEmpty()) {
      return schema;
    }
    ObjectNode union = Json.MAPPER.createObjectNode();
    union.putArray("anyOf").add(schema).add(read("{'type': 'null'}"));
    return union;
  }

  private static ObjectNode enumeration(Class<?> type) {
    ObjectNode schema = read("{'type': 'string'}");
    ArrayNode values = schema.putArray("enum");
    for (Object constant : type.getEnumConstants()) {
      values.add(Json.MAPPER.<JsonNode>valueToTree(constant));
    }
    return schema;
  }

  private static ObjectNode withBounds(ObjectNode schema, RecordComponent part) {
    SchemaBounds bounds = part.getAnnotation(SchemaBounds.class);
    if (bounds != null) {
      JsonNode nonNull = schema.path("anyOf").path(0);
      addBounds(
          nonNull instanceof ObjectNode object ? object : schema,
          bounds.min(),
          bounds.max(),
          Long.MAX_VALUE);
    }
    return schema;
  }

  /// Adds the bounds of a text length, list size or number to a schema.
  ///
  /// @param unlimited the value of `max` that means unbounded
  static void addBounds(ObjectNode schema, long min, long max, long unlimited) {
    String type = schema.path("type").asString();
    String suffix =
        switch (type) {
          case "string" -> "Length";
          case "array" -> "Items";
          case "integer" -> "imum";
          default -> throw new IllegalArgumentException("%s has no bounds".formatted(schema));
        };
    if (min > 0 || type.equals("integer")) {
      schema.put("min" + suffix, min);
    }
    if (max < unlimited) {
      schema.put("max" + suffix, max);
    }
  }

  /// Uses `if`, because client generators interpret `oneOf` as a union of types.
  private static void requireExactlyOne(ObjectNode schema, Class<?> type) {
    SchemaExactlyOne members = type.getAnnotation(SchemaExactlyOne.class);
    if (members != null) {
      schema.set("if", nonNull(members.one()));
      ObjectNode absent = schema.putObject("then").putObject("properties");
      absent.putObject(members.other()).put("type", "null");
      schema.set("else", nonNull(members.other()));
    }
  }

  private static ObjectNode nonNull(String member) {
    ObjectNode schema = Json.MAPPER.createObjectNode();
    ObjectNode properties = schema.putObject("properties");
    properties.putObject(member).putObject("not").put("type", "null");
    schema.putArray("required").add(member);
    return schema;
  }

  private static ObjectNode withDescription(ObjectNode schema, AnnotatedElement element) {
    SchemaDescription description = element.getAnnotation(SchemaDescription.class);
    return description == null ? schema : schema.put("description", description.value());
  }

  /// @throws IllegalArgumentException for a nested type without [SchemaName]
  private static String name(Class<?> type) {
    SchemaName name = type.getAnnotation(SchemaName.class);
    if (name != null) {
      return name.value();
    }
    if (type.getEnclosingClass() != null) {
      throw new IllegalArgumentException(
          "%s has no schema name: add @SchemaName".formatted(type.getTypeName()));
    }
    return type.getSimpleName();
  }

  private static ObjectNode read(String json) {
    return (ObjectNode) Json.MAPPER.readTree(json.replace('\'', '"'));
  }

  private static IllegalArgumentException unknown(Type type) {
    return new IllegalArgumentException(
        "%s has no schema: make it a record or provide a schema".formatted(type.getTypeName()));
  }
}

// JSON Schemas of the API description: as nested lists, as examples, and as a check of the examples.

import { code, escape } from './html.mjs'
import { EXAMPLES, VALUES } from './examples.mjs'

/** The text of a description: code in backticks, links, nothing else. */
export const prose = (text) =>
  text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith('`') && part.length > 1
        ? `<code>${escape(part.slice(1, -1))}</code>`
        : escape(part).replace(/https:\/\/[^\s,;)]*[^\s,;.)]/g, (url) => `<a href="${url}">${url}</a>`),
    )
    .join('')

export function schemas(components) {
  const nameOf = (schema) => schema.$ref?.slice('#/components/schemas/'.length)

  /** A schema without `$ref`; members beside the reference, such as a description, take precedence. */
  function resolve(schema) {
    if (!schema.$ref) {
      return schema
    }
    const name = nameOf(schema)
    if (!components[name]) {
      throw new Error(`API description: no schema ${name}`)
    }
    const { $ref, ...own } = schema
    return { ...resolve(components[name]), ...own }
  }

  const isNull = (schema) => schema.type === 'null'
  const variantsOf = (schema) => schema.oneOf ?? schema.anyOf ?? []

  /** What `anyOf: [X, null]` describes, with the description of the whole. */
  function withoutNull(schema) {
    const whole = resolve(schema)
    const others = variantsOf(whole).filter((variant) => !isNull(variant))
    if (others.length !== 1) {
      return whole
    }
    const { anyOf, oneOf, ...own } = whole
    return { ...resolve(others[0]), ...own }
  }

  const isNullable = (schema) => {
    const whole = resolve(schema)
    return variantsOf(whole).some(isNull) || (Array.isArray(whole.type) && whole.type.includes('null'))
  }

  function typeOf(given) {
    const schema = withoutNull(given)
    const variants = variantsOf(schema).filter((variant) => !isNull(variant))
    let type
    if (schema.discriminator) {
      type = 'object'
    } else if (variants.length > 0) {
      type = [...new Set(variants.map(typeOf))].join(' or ')
    } else if (schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'))) {
      type = `array of ${plural(typeOf(schema.items))}`
    } else if (schema.type) {
      type = [schema.type].flat().filter((name) => name !== 'null').join(' or ')
    } else {
      type = 'any'
    }
    return type + (isNullable(given) ? ' or null' : '')
  }

  const plural = (type) => type.replace(/^(string|integer|number|object|boolean)/, '$1s')

  function limitsOf(schema) {
    const limits = []
    const range = (min, max, unit) => {
      if (min !== undefined && max !== undefined) {
        limits.push(`${min} to ${max}${unit}`)
      } else if (min !== undefined) {
        limits.push(`at least ${min}${unit}`)
      } else if (max !== undefined) {
        limits.push(`at most ${max}${unit}`)
      }
    }
    if (schema.format && !['int32', 'int64'].includes(schema.format)) {
      limits.push(`format ${schema.format}`)
    }
    if (schema.contentMediaType && schema.type === 'string') {
      limits.push(schema.contentMediaType)
    }
    range(schema.minimum, schema.maximum, '')
    if (schema.minLength === 1 && schema.maxLength === undefined) {
      limits.push('not empty')
    } else {
      range(schema.minLength, schema.maxLength, ' characters')
    }
    if (schema.minItems === 1 && schema.maxItems === undefined) {
      limits.push('not empty')
    } else {
      range(schema.minItems, schema.maxItems, ' items')
    }
    const values = (list) => list.map((value) => `<code>${escape(value)}</code>`).join(', ')
    return [
      ...limits.map(escape),
      ...(schema.pattern ? [`pattern <code>${escape(schema.pattern)}</code>`] : []),
      ...(schema.const !== undefined ? [`always <code>${escape(schema.const)}</code>`] : []),
      ...(schema.enum ? [`one of ${values(schema.enum)}`] : []),
      ...(schema.examples ? [`such as ${values(schema.examples)}`] : []),
      ...(schema.default !== undefined ? [`default <code>${escape(schema.default)}</code>`] : []),
      ...(schema['x-used-with']
        ? Object.entries(schema['x-used-with']).map(([name, list]) => `used with <code>${escape(name)}</code> ${values(list)}`)
        : []),
    ]
  }

  /** Sentences for the `if` and `else` of a schema, as the API uses them: a member that is required without another one. */
  function conditionsOf(schema) {
    return [schema, ...(schema.allOf ?? [])]
      .filter((part) => part.if && part.else?.required)
      .map((part) => {
        const paths = (rule) => [
          ...(rule.required ?? [])
            .map((name) => (rule.properties?.[name]?.required ? paths(rule.properties[name]).map((inner) => `${name}.${inner}`) : [name]))
            .flat(),
        ]
        const names = part.if.required ?? part.if.anyOf.flatMap((one) => one.required)
        const [name] = names
        const pattern = part.if.properties?.[name]?.pattern
        const required = paths(part.else)
        return `${
          pattern ? `Unless <code>${escape(name)}</code> matches <code>${escape(pattern)}</code>` : `Without ${names.map((one) => `<code>${escape(one)}</code>`).join(' and ')}`
        }, ${required.map((path) => `<code>${escape(path)}</code>`).join(', ')} ${required.length === 1 ? 'is' : 'are'} required.`
      })
  }

  const details = (summary, html) => `<details><summary>${summary}</summary>\n${html}</details>`

  /** What is inside of a schema: the members of an object, of the items of an array, or of each variant. Empty for a simple value. */
  function inside(given, isRequest) {
    const schema = withoutNull(given)
    if (schema.discriminator) {
      const { propertyName, mapping } = schema.discriminator
      const variants = Object.entries(mapping).map(([value, $ref]) => {
        const variant = resolve({ $ref })
        return `<li>${details(
          `<code>${escape(propertyName)}</code>: <code>${escape(value)}</code>`,
          `${variant.description ? `<p>${prose(variant.description)}</p>\n` : ''}${members(variant, isRequest)}`,
        )}</li>`
      })
      return `<p>One of these, by <code>${escape(propertyName)}</code>:</p>\n<ul class="schema">\n${variants.join('\n')}\n</ul>\n`
    }
    const variants = variantsOf(schema).filter((variant) => !isNull(variant))
    if (variants.length > 0) {
      if (variants.every((variant) => !inside(variant, isRequest) && !resolve(variant).description)) {
        return ''
      }
      return `<p>One of:</p>\n<ul class="schema">\n${variants.map((variant) => `<li>${value(variant, isRequest)}</li>`).join('\n')}\n</ul>\n`
    }
    if (schema.items) {
      return inside(schema.items, isRequest) || limitsOf(resolve(schema.items)).map((limit) => `<p class="limits">Each: ${limit}</p>\n`).join('')
    }
    return schema.properties ? members(schema, isRequest) : ''
  }

  function members(schema, isRequest) {
    const required = new Set(schema.required ?? [])
    const entries = Object.entries(schema.properties ?? {})
    const ignored = isRequest ? entries.filter(([, member]) => member.readOnly) : []
    const advanced = entries.filter(([, member]) => member['x-advanced'])
    const item = ([name, member]) =>
      `<li><code class="name">${escape(name)}</code> ${value(member, isRequest, required.has(name))}</li>`
    const items = entries.filter((entry) => !ignored.includes(entry) && !advanced.includes(entry)).map(item)
    if (ignored.length > 0) {
      items.push(`<li>${ignored.map(([name]) => `<code class="name">${escape(name)}</code>`).join(', ')} <p>Ignored in requests, so that what was read can be sent back.</p></li>`)
    }
    if (typeof schema.additionalProperties === 'object') {
      items.push(`<li><em>other members</em> ${value(schema.additionalProperties, isRequest)}</li>`)
    } else if (schema.additionalProperties === true && items.length > 0) {
      items.push('<li><em>other members</em></li>')
    }
    if (advanced.length > 0) {
      items.push(`<li>${details(`Advanced: ${advanced.map(([name]) => `<code>${escape(name)}</code>`).join(', ')}`, `<ul class="schema">\n${advanced.map(item).join('\n')}\n</ul>\n`)}</li>`)
    }
    return `${conditionsOf(schema).map((sentence) => `<p>${sentence}</p>\n`).join('')}<ul class="schema">\n${items.join('\n')}\n</ul>\n`
  }

  function value(given, isRequest, isRequired = false) {
    const schema = withoutNull(given)
    const limits = limitsOf(schema)
    const within = inside(given, isRequest)
    const type = typeOf(given)
    const summary = schema.oneOf || schema.anyOf ? 'Variants' : type.startsWith('array') ? 'Members of an item' : 'Members'
    return [
      type === 'any' ? '' : `<span class="type">${escape(type)}</span>`,
      isRequired ? ' <strong class="required">required</strong>' : '',
      schema.description ? `<p>${prose(schema.description)}</p>` : '',
      limits.length > 0 ? `<p class="limits">${limits.join('; ')}</p>` : '',
      within.includes('<ul') ? details(summary, within) : within,
    ].join('')
  }

  /** The schema of a body: its description and its members, the first level open. */
  function body(given, isRequest) {
    const schema = withoutNull(given)
    const within = inside(given, isRequest)
    return `${schema.description ? `<p>${prose(schema.description)}</p>\n` : ''}${
      within.includes('<ul') ? within : `<p><span class="type">${escape(typeOf(given))}</span></p>\n`
    }`
  }

  /** An example of a response: every member that is not advanced, or what `EXAMPLES` has for the schema. */
  function example(given, name = '') {
    const known = nameOf(given)
    if (known && EXAMPLES[known] !== undefined) {
      return EXAMPLES[known]
    }
    const schema = withoutNull(given)
    // The reference may be inside of an anyOf with null.
    const inner = variantsOf(resolve(given)).find((variant) => nameOf(variant) && EXAMPLES[nameOf(variant)] !== undefined)
    if (inner) {
      return example(inner, name)
    }
    if (schema.const !== undefined) {
      return schema.const
    }
    if (schema.enum) {
      return schema.enum[0]
    }
    const type = [schema.type].flat()[0]
    if (VALUES[name] !== undefined) {
      return VALUES[name]
    }
    if (type === 'array') {
      return [example(schema.items, name)]
    }
    if (type === 'object') {
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([member, inside]) => [member, example(inside, member)]))
    }
    if (VALUES[schema.format] !== undefined) {
      return VALUES[schema.format]
    }
    if (variantsOf(schema).length > 0) {
      return example(variantsOf(schema)[0], name)
    }
    switch (type) {
      case 'integer':
      case 'number':
        return schema.minimum ?? 1
      case 'boolean':
        return true
      case 'string':
        return '…'
      default:
        return null
    }
  }

  const isObject = (given) => given !== null && typeof given === 'object' && !Array.isArray(given)
  const TYPES = {
    null: (given) => given === null,
    string: (given) => typeof given === 'string',
    boolean: (given) => typeof given === 'boolean',
    integer: (given) => Number.isInteger(given),
    number: (given) => typeof given === 'number',
    array: (given) => Array.isArray(given),
    object: isObject,
  }

  /** The errors of an example, as far as the API description uses JSON Schema for types, members and values. */
  function errors(given, at, reference) {
    if (reference === true || reference === false) {
      return reference ? [] : [`${at}: not accepted`]
    }
    const schema = resolve(reference)
    const found = []
    if (schema.type && ![schema.type].flat().some((type) => TYPES[type](given))) {
      return [`${at}: must be ${[schema.type].flat().join(' or ')}`]
    }
    if (schema.const !== undefined && given !== schema.const) {
      found.push(`${at}: must be ${schema.const}`)
    }
    if (schema.enum && !schema.enum.includes(given)) {
      found.push(`${at}: must be one of ${schema.enum.join(', ')}`)
    }
    if (schema.pattern && typeof given === 'string' && !new RegExp(schema.pattern, 'u').test(given)) {
      found.push(`${at}: must match ${schema.pattern}`)
    }
    if (schema.oneOf && schema.oneOf.filter((variant) => errors(given, at, variant).length === 0).length !== 1) {
      found.push(`${at}: must match exactly one variant`)
    }
    if (schema.anyOf && !schema.anyOf.some((variant) => errors(given, at, variant).length === 0)) {
      found.push(`${at}: must match a variant`)
    }
    for (const part of schema.allOf ?? []) {
      found.push(...errors(given, at, part))
    }
    if (schema.not && errors(given, at, schema.not).length === 0) {
      found.push(`${at}: must not match`)
    }
    if (schema.if) {
      const branch = errors(given, at, schema.if).length === 0 ? schema.then : schema.else
      found.push(...(branch ? errors(given, at, branch) : []))
    }
    if (isObject(given)) {
      found.push(...(schema.required ?? []).filter((name) => !(name in given)).map((name) => `${at}.${name}: missing`))
      for (const [name, member] of Object.entries(given)) {
        const inner = schema.properties?.[name] ?? schema.additionalProperties ?? true
        found.push(...errors(member, `${at}.${name}`, inner))
      }
    }
    if (Array.isArray(given) && schema.items) {
      given.forEach((item, index) => found.push(...errors(item, `${at}[${index}]`, schema.items)))
    }
    return found
  }

  /** An example that is checked against its schema, so that a change of the API that it does not follow fails the build. */
  function checkedExample(schema) {
    const given = example(schema)
    const found = errors(given, nameOf(schema) ?? 'example', schema)
    if (found.length > 0) {
      throw new Error(`examples.mjs: ${found.join('\n')}`)
    }
    return given
  }

  return { resolve, body, typeOf, limitsOf, checkedExample, errors }
}

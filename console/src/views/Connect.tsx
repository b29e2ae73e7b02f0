import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { listModels, noSuchTarget } from '../api/models'
import { ModelPicker } from '../components/ModelPicker'
import { Empty, Failure, Forbidden } from '../components/states'
import { ButtonLink, CodeBlock, CopyButton, Notice, Page } from '../components/ui'
import { useQuery } from '../hooks'
import { useScopes, useSignedIn } from '../session'
import { useUrlFilters } from '../url'
import { CheckStep } from './connect/CheckStep'
import { type ChosenKey, KeyStep } from './connect/KeyStep'
import { configurationOf, type Configuration, type Tool, type ToolId, TOOLS } from './connect/tools'
import '../styles/connect.css'

const KEY_PLACEHOLDER = '<an agent-lab key>'

export default function Connect() {
  const can = useScopes()
  return (
    <Page title="Connect" lead="Lets a tool or a program call agents, routes and models here, with a key of your own.">
      {can('invoke') ? <Steps /> : <Forbidden scope="invoke" />}
    </Page>
  )
}

function Steps() {
  const can = useScopes()
  const { session } = useSignedIn()
  // The list waits for providers, so the other steps do not wait for it.
  const models = useQuery('models', listModels)
  const isOpen = session.caller.kind === 'anyone'
  const [filters, setFilters] = useUrlFilters()
  const [key, setKey] = useState<ChosenKey>()
  const tool = TOOLS.find((it) => it.id === filters.tool)
  const model = models.value?.find((it) => it.id === filters.model)
  if (models.value?.length === 0) {
    return (
      <Empty icon="plug" title="There is no model yet">
        <p>Add a provider: its models can then be connected.</p>
        {can('providers:write') && (
          <ButtonLink href="/providers/new" kind="primary" icon="plus">
            Add provider
          </ButtonLink>
        )}
      </Empty>
    )
  }
  const { origin } = session
  // A key for another model stays in step 3, which shows a warning.
  const usable = key?.model === undefined || key.model === model?.id ? key : undefined
  const waiting = (
    <p class="muted">
      {tool && filters.model && models.isLoading ? 'Loading the agents, routes and models.' : 'Choose a tool and a model first.'}
    </p>
  )
  return (
    <ol class="connect-steps">
      <Step title="Tool">
        <ToolChoice selected={tool?.id} onSelect={(id) => setFilters({ tool: id })} />
      </Step>
      <Step title="Agent, route or model">
        <div class="form">
          {models.failure !== undefined && (
            <Failure failure={models.failure} title="The models cannot be listed" onRetry={models.reload} />
          )}
          <ModelPicker
            label="Agent, route or model"
            models={models.value}
            value={filters.model ?? ''}
            error={filters.model && models.value && !model ? noSuchTarget(filters.model) : undefined}
            onSelect={(id) => setFilters({ model: id })}
          />
        </div>
      </Step>
      <Step title="Key">
        {tool && model ? (
          <>
            {isOpen && <p>This service requires no key. If a tool requires one, enter any text.</p>}
            <KeyStep toolId={tool.id} model={model} chosen={key} onChoose={setKey} />
          </>
        ) : (
          waiting
        )}
      </Step>
      <Step title="Configuration">
        {tool && model ? (
          <ConfigurationView
            configuration={configurationOf(tool.id, { origin, model, key: usable?.text ?? KEY_PLACEHOLDER })}
            hasKey={usable !== undefined}
          />
        ) : (
          waiting
        )}
      </Step>
      <Step title="Check">
        {tool && model ? (
          // A service that requires no key does not know whose calls they are.
          <CheckStep keyId={isOpen ? undefined : key?.id} keyText={key?.text} origin={origin} />
        ) : (
          waiting
        )}
      </Step>
    </ol>
  )
}

function Step(props: { title: string; children: ComponentChildren }) {
  return (
    <li class="stack">
      <h2>{props.title}</h2>
      {props.children}
    </li>
  )
}

const GROUPS: Tool['group'][] = ['Coding tools', 'Programs', 'Chat']

function ToolChoice(props: { selected?: ToolId; onSelect: (id: ToolId) => void }) {
  return (
    <div class="stack" role="radiogroup" aria-label="Tool">
      {GROUPS.map((group) => (
        <div key={group} class="tool-group">
          <h3>{group}</h3>
          <div class="choice-row">
            {TOOLS.filter((it) => it.group === group).map((it) => (
              <label key={it.id} class="choice">
                <input type="radio" name="tool" checked={props.selected === it.id} onChange={() => props.onSelect(it.id)} />
                {it.name}
              </label>
            ))}
          </div>
        </div>
      ))}
    </div>
  )
}

function ConfigurationView({ configuration, hasKey }: { configuration: Configuration; hasKey: boolean }) {
  const { files, settings, commands, notes, warnings } = configuration
  return (
    <div class="stack configuration">
      {!hasKey && (
        <p class="muted">
          The key of step 3 replaces <code>{KEY_PLACEHOLDER}</code>.
        </p>
      )}
      {warnings.map((it) => (
        <Notice tone="warn" key={it}>
          <p>{it}</p>
        </Notice>
      ))}
      {settings.length > 0 && (
        <dl class="tool-settings">
          {settings.map((it) => (
            <div key={it.name}>
              <dt>{it.name}</dt>
              <dd>
                <code>{it.value}</code>
                <CopyButton text={it.value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {files.map((it) => (
        <section class="stack" key={it.path}>
          <h3>
            <code>{it.path}</code>
          </h3>
          <CodeBlock code={it.content} label={`Content of ${it.path}`} />
        </section>
      ))}
      {commands.map((it) => (
        <section class="stack" key={it.title}>
          <h3>{it.title}</h3>
          <CodeBlock code={it.text} label={it.title} />
        </section>
      ))}
      {notes.length > 0 && (
        <ul class="tool-notes">
          {notes.map((it) => (
            <li key={it}>{it}</li>
          ))}
        </ul>
      )}
      {configuration.equivalent && (
        <details>
          <summary>With the command line of agent-lab</summary>
          <div class="stack">
            <p>It does the same and creates the key, with your own key in AGENT_LAB_KEY:</p>
            <CodeBlock code={configuration.equivalent} label="The same with the command line" />
          </div>
        </details>
      )}
    </div>
  )
}

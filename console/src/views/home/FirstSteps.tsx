import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import type { Schema } from '../../api/client'
import { Icon } from '../../components/Icon'
import { Failure } from '../../components/states'
import { Badge, Button, ButtonLink } from '../../components/ui'
import { useAction } from '../../hooks'
import { addSimulatedProvider } from '../providers/data'

/** The way from nothing to a streamed answer, in three steps. */
export function FirstSteps(props: { overview: Schema<'Overview'> }) {
  const hasProvider = (props.overview.providers?.total ?? 0) > 0
  const hasAgent = (props.overview.agents?.total ?? 0) > 0
  const { route } = useLocation()
  const addSimulated = useAction(async () => {
    await addSimulatedProvider()
    route('/agents/new?provider=simulated&model=simulated&added=1')
  })
  return (
    <section class="stack" aria-labelledby="first-steps">
      <h2 id="first-steps">Three steps to a streamed answer</h2>
      <ol class="steps">
        <Step number={1} title="Add a provider" isDone={hasProvider}>
          <p>Where models run: OpenAI, Anthropic, Azure, Bedrock, Gemini, Ollama and others. No account at hand? The simulated provider answers without a model.</p>
          {!hasProvider && (
            <div class="actions">
              <ButtonLink kind="primary" href="/providers/new">
                Add provider
              </ButtonLink>
              <Button isBusy={addSimulated.isRunning} onClick={() => addSimulated.run()}>
                Use the simulated one
              </Button>
            </div>
          )}
          {addSimulated.failure !== undefined && <Failure failure={addSimulated.failure} />}
        </Step>
        <Step number={2} title="Add an agent" isDone={hasAgent} isWaiting={!hasProvider}>
          <p>A model with its instructions and settings, under a name that programs use.</p>
          {hasProvider && !hasAgent && (
            <div class="actions">
              <ButtonLink kind="primary" href="/agents/new">
                Add agent
              </ButtonLink>
            </div>
          )}
        </Step>
        <Step number={3} title="Talk to it" isWaiting={!hasAgent}>
          <p>Try it in the playground, then connect your programs and coding agents.</p>
          {hasAgent && (
            <div class="actions">
              <ButtonLink kind="primary" href="/playground">
                Open the playground
              </ButtonLink>
              <ButtonLink href="/connect">Connect a program</ButtonLink>
            </div>
          )}
        </Step>
      </ol>
    </section>
  )
}

function Step(props: { number: number; title: string; isDone?: boolean; isWaiting?: boolean; children: ComponentChildren }) {
  return (
    <li class={`card step ${props.isWaiting ? 'waiting' : ''}`}>
      <header>
        <h3>
          <span class="step-number" aria-hidden="true">
            {props.isDone ? <Icon name="check" /> : props.number}
          </span>
          {props.title}
        </h3>
        {props.isDone && <Badge tone="good">Done</Badge>}
      </header>
      {props.children}
    </li>
  )
}

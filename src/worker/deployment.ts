import { isGrpcServiceError, type Client } from '@temporalio/client';

/** The name of our worker deployment in Temporal. */
export const DEPLOYMENT = 'carillon';

/** gRPC's codes. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;

/**
 * The build that Temporal gives workflow tasks to: null when there is none, undefined where the server knows no worker
 * deployments (the time-skipping one, old ones) or has them switched off.
 */
export async function readCurrentBuild({ workflowService, options }: Client): Promise<string | null | undefined> {
  try {
    const asked = { namespace: options.namespace, deploymentName: DEPLOYMENT };
    const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment(asked);
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId || null;
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return null;
    if ([UNIMPLEMENTED, PERMISSION_DENIED, FAILED_PRECONDITION].some((code) => code === codeOf(error))) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Has Temporal give workflow tasks to the workers of a build; null: to those without one.
 *
 * @returns false while Temporal has not heard of a worker of that build
 */
export async function makeCurrent(client: Client, buildId: string | null, identity: string): Promise<boolean> {
  try {
    await client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: client.options.namespace,
      deploymentName: DEPLOYMENT,
      buildId: buildId ?? '',
      identity,
      // A task queue that is not served any more is meant to be so.
      ignoreMissingTaskQueues: true,
    });
    return true;
  } catch (error) {
    if ([NOT_FOUND, FAILED_PRECONDITION].some((code) => code === codeOf(error))) return false;
    throw error;
  }
}

function codeOf(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}
